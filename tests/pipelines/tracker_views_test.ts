import { assert, assertEquals, assertRejects } from "@std/assert";
import { BSON } from "mongodb";
import type postgres from "postgres";
import { createDatabase } from "../support/database.ts";
import {
  aComment,
  aTask,
  fillTracker,
  manyComments,
  oneTask,
  SOME_TIME,
  trackerId,
} from "../support/tracker_source.ts";

const ENTITIES = ["organizations", "users", "projects", "tasks", "task_comments"];

/** A database with a small tracker, or what a test says. */
async function setup(source: Parameters<typeof oneTask>[0] = {}) {
  const database = await createDatabase();
  await fillTracker(database.sql, oneTask(source));
  return { ...database, engine: database.as("service_role") };
}

/** The documents of an entity, as a driver reads them. */
async function documents(
  sql: postgres.Sql,
  entity: string,
  maxChildren?: number,
  // deno-lint-ignore no-explicit-any
): Promise<any[]> {
  const rows = await sql.begin(async (sql) => {
    await sql`select set_config('landfall.max_children', ${maxChildren ?? ""}, true)`;
    return await sql.unsafe(
      `select document::text from transform.tracker_${entity} order by length(source_key), source_key`,
    );
  });
  return rows.map(({ document }) => BSON.EJSON.parse(document, { relaxed: false }));
}

Deno.test("tracker_tasks: a document embeds what hangs on its task, with plain fields", async () => {
  await using test = await setup();

  const [task] = await documents(test.engine, "tasks");

  const user = (n: number) => ({ name: `User ${n}`, email: `user${n}@acme.example` });
  assertEquals(Object.keys(task).at(0), "_id");
  assertEquals([task.project_name, task.organization_name], ["Rockets", "Acme"]);
  assertEquals(task.labels, [1, 2].map((n) => ({ name: `label ${n}`, color: "#ff0000" })));
  assertEquals(
    task.assignees.map(({ name, email }: Record<string, string>) => ({ name, email })),
    [user(1), user(2)],
  );
  assertEquals(
    task.comments.map(({ created_at }: { created_at: Date }) => created_at.toISOString()),
    [1, 2, 3].map((minute) => `2024-05-01T10:0${minute}:00.000Z`),
  );
  assertEquals([task.comment_count, task.older_comments], [3, 0].map((n) => new BSON.Int32(n)));
  assertEquals(await documents(test.engine, "task_comments"), []);
});

Deno.test("tracker_tasks: numbers, dates and uuids arrive as their BSON types", async () => {
  await using test = await setup({
    tasks: [
      aTask({
        priority: -5,
        estimate: "1.10",
        due_date: "1969-12-31",
        external_id: trackerId("a", 7),
        created_at: "1969-12-31T23:59:59.9999Z",
      }),
    ],
  });

  const [task] = await documents(test.engine, "tasks");

  assertEquals(task.priority, new BSON.Int32(-5));
  assertEquals(task.estimate.toString(), "1.10");
  assertEquals(task.estimate._bsontype, "Decimal128");
  assertEquals(task.due_date, new Date("1969-12-31T00:00:00Z"));
  assertEquals(task.created_at, new Date("1969-12-31T23:59:59.999Z"));
  assertEquals(task.external_id.toUUID().toString(), trackerId("a", 7));
  assertEquals([task.description, task.updated_at, task.completed_at], [null, null, null]);
});

Deno.test("tracker_tasks: a time or a date without end is an error of its data", async () => {
  for (const field of ["created_at", "completed_at", "due_date"]) {
    await using test = await setup({ tasks: [aTask({ [field]: "-infinity" })] });

    const error = await assertRejects(() => documents(test.engine, "tasks"));

    assertEquals((error as { code?: string }).code?.slice(0, 2), "22", field);
  }
});

Deno.test("tracker_projects: doubles and decimals that are no numbers arrive all the same", async () => {
  await using test = await setup({
    projects: [{ id: trackerId("b", 1), org_id: 1, name: "R", budget: "NaN", health: "-Infinity" }],
  });

  const [project] = await documents(test.engine, "projects");

  assertEquals(project.budget.toString(), "NaN");
  assertEquals(project.health, new BSON.Double(-Infinity));
  assertEquals(project.archived, false);
  assertEquals(project.organization_name, "Acme");
});

Deno.test("tracker_users: bytes arrive whole, however many", async () => {
  const bytes = Uint8Array.from({ length: 200 }, (_, nth) => nth);
  await using test = await setup({
    users: [{
      id: trackerId("a", 1),
      name: "A",
      email: "a@b.c",
      avatar: `\\x${bytes.toHex()}`,
      born_on: "1815-12-10",
    }, { id: trackerId("a", 2), name: "B", email: "b@b.c" }],
  });

  const [user, other] = await documents(test.engine, "users");

  assertEquals(user.avatar.sub_type, 0);
  assertEquals(Uint8Array.from(user.avatar.value()), bytes);
  assertEquals(user.born_on, new Date("1815-12-10T00:00:00Z"));
  assertEquals([other.avatar, other.born_on, other.is_active], [null, null, true]);
});

Deno.test("tracker_organizations: bigints keep their digits, members stand in order", async () => {
  await using test = await setup({
    organizations: [{
      id: 1,
      name: "Acme",
      storage_bytes: "9007199254740993",
      settings: { seats: 5, nested: [{ ratio: 0.5 }], none: null, quote: '"\\\u0001é💡' },
    }],
  });

  const [organization] = await documents(test.engine, "organizations");

  assertEquals(organization.storage_bytes.toString(), "9007199254740993");
  assertEquals(organization.storage_bytes._bsontype, "Long");
  assertEquals(organization.settings, {
    seats: new BSON.Int32(5),
    nested: [{ ratio: new BSON.Double(0.5) }],
    none: null,
    quote: '"\\\u0001é💡',
  });
  assertEquals(
    organization.members.map(({ name, role }: Record<string, string>) => [name, role]),
    [["User 1", "member"], ["User 2", "member"]],
  );
});

Deno.test("the tracker's documents keep any text, and have no blanks between fields", async () => {
  const text = `"quoted" \\ back\tslash\n {"$oid": 1} é 💡 \u0001`;
  await using test = await setup({
    tasks: [aTask({ title: text, description: text })],
    comments: [aComment({ content: text }), aComment({ content: "", user_id: null })],
  });

  const [task] = await documents(test.engine, "tasks");
  const [row] = await test.engine`
    select replace(document::text, to_json(${text}::text)::text, '') as document
    from transform.tracker_tasks`;

  assertEquals([task.title, task.description, task.comments[0].content], [text, text, text]);
  assertEquals([task.comments[1].content, task.comments[1].user], ["", null]);
  assert(!/[:,] |\s[:,]/.test(row!.document), row!.document);
});

Deno.test("references of the tracker's documents are the _ids of what they name", async () => {
  await using test = await setup();
  const of = async (entity: string) =>
    new Map(
      (await documents(test.engine, entity, 1)).map((found) => [found._id.toHexString(), found]),
    );
  const [organizations, users, projects, tasks, moved] = await Promise.all(ENTITIES.map(of));
  const task = [...tasks!.values()][0];

  assert(projects!.has(task.project_id.toHexString()));
  assert(organizations!.has(task.organization_id.toHexString()));
  for (const project of projects!.values()) {
    assert(organizations!.has(project.organization_id.toHexString()));
  }
  for (const { user_id, name } of task.assignees) {
    assertEquals(users!.get(user_id.toHexString()).name, name);
  }
  for (const { user_id, email } of [...organizations!.values()][0].members) {
    assertEquals(users!.get(user_id.toHexString()).email, email);
  }
  assertEquals(moved!.size, 2);
  for (
    const { task_id, user } of [...moved!.values(), { task_id: task._id, ...task.comments[0] }]
  ) {
    assert(tasks!.has(task_id.toHexString()));
    assertEquals(users!.get(user.id.toHexString()).name, user.name);
  }
});

Deno.test("a task with too many comments embeds the newest, and the others stand alone", async () => {
  await using test = await setup({
    tasks: [aTask(), aTask({ id: 2 }), aTask({ id: 3 })],
    comments: [],
  });
  await manyComments(test.sql, { task: 1, count: 7 });
  await manyComments(test.sql, { task: 2, count: 5 });

  const tasks = await documents(test.engine, "tasks", 5);
  const moved = await documents(test.engine, "task_comments", 5);

  assertEquals(
    tasks.map((task) => [task.comments.length, +task.comment_count, +task.older_comments]),
    [[5, 7, 2], [5, 5, 0], [0, 0, 0]],
  );
  const newestMoved = Math.max(...moved.map(({ created_at }) => created_at));
  assertEquals(moved.length, 2);
  assert(newestMoved < +tasks[0].comments[0].created_at);
  assertEquals(new Set(moved.map(({ task_id }) => `${task_id}`)), new Set([`${tasks[0]._id}`]));
});

Deno.test("a limit of no comments moves all of them", async () => {
  await using test = await setup();

  const [task] = await documents(test.engine, "tasks", 0);

  assertEquals([task.comments, +task.comment_count, +task.older_comments], [[], 3, 3]);
  assertEquals((await documents(test.engine, "task_comments", 0)).length, 3);
});

Deno.test("comments of one moment are embedded by their keys, the same in both collections", async () => {
  await using test = await setup({
    comments: [1, 2, 3, 4].map((id) => aComment({ id, content: `${id}`, created_at: SOME_TIME })),
  });

  const [task] = await documents(test.engine, "tasks", 2);
  const moved = await documents(test.engine, "task_comments", 2);

  const contents = (comments: { content: string }[]) => comments.map(({ content }) => content);
  assertEquals(contents(task.comments), ["3", "4"]);
  assertEquals(contents(moved), ["1", "2"]);
});

Deno.test("a task whose comments are too large embeds what fits into a document", async () => {
  await using test = await setup({
    tasks: [1, 2, 3].map((id) => aTask({ id })),
    comments: [],
  });
  // too many and too large; only too large; one comment alone
  await manyComments(test.sql, { task: 1, count: 6, content: "é", times: 2_000_000 });
  await manyComments(test.sql, { task: 2, count: 2, content: "x", times: 7_000_000 });
  await manyComments(test.sql, { task: 3, count: 1, content: "x", times: 12_000_000 });

  const tasks = await documents(test.engine, "tasks", 5);
  const moved = await documents(test.engine, "task_comments", 5);

  assertEquals(
    tasks.map((task) => [task.comments.length, +task.comment_count, +task.older_comments]),
    [[2, 6, 4], [1, 2, 1], [0, 1, 1]],
  );
  assertEquals(
    tasks.map(({ _id }) => moved.filter(({ task_id }) => task_id.equals(_id)).length),
    [4, 1, 1],
  );
  for (const task of tasks) assert(BSON.calculateObjectSize(task) < 16 * 1024 ** 2);
});

Deno.test("a range of the tracker's source keys is a range of an index, and reads no more", async () => {
  await using test = await setup();
  await test.sql`
    insert into tracker.organizations (id, name)
    select n, 'Organization' from generate_series(10, 2000) as n`;
  await test.sql`
    insert into tracker.users (name, email)
    select 'User', n || '@b.c' from generate_series(10, 2000) as n`;
  await test.sql`
    insert into tracker.projects (org_id, name)
    select n, 'Project' from generate_series(10, 2000) as n`;
  await test.sql`
    insert into tracker.tasks (id, project_id, title)
    select n, ${trackerId("b", 1)}, 'Task' from generate_series(10, 2000) as n`;
  await test.sql`
    insert into tracker.comments (id, task_id, content)
    select 10 * n + nth, n, 'x'
    from generate_series(10, 2000) as n, generate_series(1, 5) as nth`;
  await test.sql`analyze`;

  for (const entity of ENTITIES) {
    const plan = await test.sql.begin(async (sql) => {
      await sql`set local enable_seqscan = off`;
      return await sql.unsafe(`
        explain select document from transform.tracker_${entity}
        where source_key between '100' and '1005'`);
    });

    const text = plan.map((line) => line["QUERY PLAN"]).join("\n");
    assert(/Index Cond: .*\(id\)::text >= '100'/.test(text), text);
    assert(!/Group Key|HashAggregate/.test(text), text);
  }
});

Deno.test("the tracker's source keys are paged without making a document", async () => {
  await using test = await setup();

  const plan = await test.sql`
    explain select source_key from transform.tracker_tasks order by source_key limit 500`;

  const text = plan.map((line) => line["QUERY PLAN"]).join("\n");
  assert(!/comments|labels|assignees|projects/.test(text), text);
});
