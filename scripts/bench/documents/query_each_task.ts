/**
 * What people write: for each task a query for its labels, one for its assignees, one for its
 * comments, and an object made of them.
 *
 * @module
 */
import postgres from "postgres";

const [url, path, most] = Deno.args as [string, string, string];
const sql = postgres(url, { max: 1, onnotice: () => {} });
const file = await Deno.open(path, { write: true, create: true, truncate: true });
const encoder = new TextEncoder();

const tasks = await sql`
  select tasks.*, projects.name as project_name, organizations.name as organization_name
  from tracker.tasks
  join tracker.projects on projects.id = tasks.project_id
  join tracker.organizations on organizations.id = projects.org_id
  order by tasks.id
  limit ${most}`;
for (const task of tasks) {
  const labels = await sql`
    select labels.name, labels.color
    from tracker.task_labels
    join tracker.labels on labels.id = task_labels.label_id
    where task_labels.task_id = ${task.id}`;
  const assignees = await sql`
    select users.id, users.name, users.email
    from tracker.task_assignees
    join tracker.users on users.id = task_assignees.user_id
    where task_assignees.task_id = ${task.id}`;
  const comments = await sql`
    select comments.content, comments.created_at, users.id, users.name
    from tracker.comments
    join tracker.users on users.id = comments.user_id
    where comments.task_id = ${task.id}
    order by comments.created_at`;
  const document = JSON.stringify({ ...task, labels, assignees, comments });
  await file.write(encoder.encode(`${document}\n`));
}
file.close();
await sql.end();
