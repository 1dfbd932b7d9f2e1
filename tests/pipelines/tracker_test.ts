import { assertEquals } from "@std/assert";
import { projectFolder } from "../../scripts/stack/local_folder.ts";
import { createDatabase } from "../support/database.ts";

Deno.test("tracker: the demonstration data may be applied again, and all of it becomes documents", async () => {
  await using database = await createDatabase();
  const seed = await Deno.readTextFile(`${projectFolder}/supabase/seed.sql`);
  await database.sql.unsafe(seed);
  await database.sql.unsafe(seed);

  const counts = await database.as("service_role")`
    select 'organizations' as name, count(document::text)::int from transform.tracker_organizations
    union all
    select 'users', count(document::text) from transform.tracker_users
    union all
    select 'projects', count(document::text) from transform.tracker_projects
    union all
    select 'tasks', count(document::text) from transform.tracker_tasks
    union all
    select 'task_comments', count(document::text) from transform.tracker_task_comments
    union all
    select 'labels', count(*) from tracker.labels
    union all
    select 'labels of tasks', sum(json_array_length(document -> 'labels'))
    from transform.tracker_tasks
    union all
    select 'assignees', sum(json_array_length(document -> 'assignees'))
    from transform.tracker_tasks
    union all
    select 'comments', sum(json_array_length(document -> 'comments')) from transform.tracker_tasks`;

  assertEquals(Object.fromEntries(counts.map(({ name, count }) => [name, Number(count)])), {
    organizations: 3,
    users: 12,
    projects: 8,
    tasks: 25,
    task_comments: 0,
    labels: 10,
    "labels of tasks": 34,
    assignees: 50,
    comments: 36,
  });
});
