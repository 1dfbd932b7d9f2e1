import { assertEquals, assertStringIncludes } from "@std/assert";
import { projectFolder } from "../../scripts/stack/local_folder.ts";
import { RollbackReport } from "../../supabase/functions/_shared/replies.ts";
import { BSON } from "../../supabase/functions/_shared/sinks/mongodb.ts";
import { aLibrary, idOf } from "../support/library.ts";
import { runScript } from "../scripts/run_script.ts";
import { fillTracker, manyComments, oneTask } from "../support/tracker_source.ts";
import { openMongo } from "../../supabase/functions/_shared/sinks/open_mongo.ts";
import { startMongo } from "./start_mongo.ts";
import { counts, type Setup, setup } from "./documents_setup.ts";

async function seed({ sql }: Setup): Promise<void> {
  await sql.unsafe(await Deno.readTextFile(`${projectFolder}/supabase/seed.sql`));
}

const TRACKER_TYPES = {
  users: {
    _id: "ObjectId",
    avatar: "Binary 0 null",
    born_on: "Date null",
    created_at: "Date",
    email: "string",
    is_active: "boolean",
    name: "string",
  },
  organizations: {
    _id: "ObjectId",
    created_at: "Date",
    "members[].email": "string",
    "members[].name": "string",
    "members[].role": "string",
    "members[].user_id": "ObjectId",
    name: "string",
    "settings.contact.fax": "null",
    "settings.contact.name": "string",
    "settings.discount": "Double",
    "settings.plan": "string",
    "settings.quota": "Long",
    "settings.seats": "Int32",
    storage_bytes: "Long",
    updated_at: "Date null",
  },
  projects: {
    _id: "ObjectId",
    archived: "boolean",
    budget: "Decimal128 null",
    created_at: "Date",
    health: "Double null",
    name: "string",
    organization_id: "ObjectId",
    organization_name: "string",
    starts_on: "Date null",
  },
  tasks: {
    _id: "ObjectId",
    "assignees[].email": "string",
    "assignees[].name": "string",
    "assignees[].user_id": "ObjectId",
    comment_count: "Int32",
    "comments[].content": "string",
    "comments[].created_at": "Date",
    "comments[].user": "null",
    "comments[].user.id": "ObjectId",
    "comments[].user.name": "string",
    completed_at: "Date null",
    created_at: "Date",
    description: "null string",
    due_date: "Date null",
    estimate: "Decimal128 null",
    external_id: "Binary 4 null",
    "labels[].color": "null string",
    "labels[].name": "string",
    older_comments: "Int32",
    organization_id: "ObjectId",
    organization_name: "string",
    priority: "Int32",
    project_id: "ObjectId",
    project_name: "string",
    status: "string",
    title: "string",
    updated_at: "Date null",
  },
};

/** The types that fields have in some documents, as the server stores them. */
function typesOf(documents: readonly BSON.Document[]): Record<string, string> {
  const types: Record<string, Set<string>> = {};
  const add = (path: string, value: unknown) => {
    if (Array.isArray(value)) { for (const item of value) add(`${path}[]`, item); }
    else if (value?.constructor === Object) {
      for (const [name, item] of Object.entries(value)) add(path ? `${path}.${name}` : name, item);
    } else (types[path] ??= new Set()).add(typeOf(value));
  };
  for (const document of documents) add("", document);
  return Object.fromEntries(
    Object.entries(types).sort().map(([path, found]) => [path, [...found].sort().join(" ")]),
  );
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (value instanceof BSON.Binary) return `Binary ${value.sub_type}`;
  if (value instanceof Date) return "Date";
  return (value as { _bsontype?: string })._bsontype ?? typeof value;
}

Deno.test("the demonstration set becomes documents, and a second export writes nothing", async () => {
  await using test = await setup();
  await seed(test);

  const first = await test.export({ pipeline: "tracker" });
  const second = await test.export({ pipeline: "tracker" });

  assertEquals(counts(first), {
    users: "12 inserted",
    organizations: "3 inserted",
    projects: "8 inserted",
    tasks: "25 inserted",
    task_comments: "",
  });
  assertEquals(counts(second), {
    users: "12 unchanged",
    organizations: "3 unchanged",
    projects: "8 unchanged",
    tasks: "25 unchanged",
    task_comments: "",
  });
  const { state, differences, entities } = await test.verify("tracker");
  assertEquals({ state, differences }, { state: "clean", differences: [] });
  assertEquals(entities.find(({ entity }) => entity === "tasks")!.sums, {
    labels: ["34", "34"],
    comments: ["36", "36"],
    assignees: ["50", "50"],
  });
});

Deno.test("values arrive as their types, references as the _ids they name, and indexes are made", async () => {
  await using test = await setup();
  await seed(test);
  await test.export({ pipeline: "tracker" });
  const all = Object.fromEntries(
    await Promise.all(
      ["users", "organizations", "projects", "tasks"].map(async (name) =>
        [name, await test.documents(name)] as const
      ),
    ),
  ) as Record<"users" | "organizations" | "projects" | "tasks", BSON.Document[]>;
  const { users, projects, tasks } = all;

  const types = Object.fromEntries(
    Object.entries(all).map(([name, documents]) => [name, typesOf(documents)]),
  );
  assertEquals(types, TRACKER_TYPES);
  const [source] = await test.sql`
    select name, storage_bytes::text as bytes from tracker.organizations order by id limit 1`;
  assertEquals(
    String(all.organizations.find(({ name }) => name === source!.name)!.storage_bytes),
    source!.bytes,
  );
  const ids = (documents: BSON.Document[]) => new Set(documents.map(({ _id }) => String(_id)));
  const [known, people] = [ids(projects), ids(users)];
  assertEquals(tasks.filter(({ project_id }) => !known.has(String(project_id))), []);
  const assignees = tasks.flatMap((task) => task.assignees as { user_id: unknown }[]);
  assertEquals(assignees.filter(({ user_id }) => !people.has(String(user_id))), []);
  const indexes = await test.mongo.database.collection("tasks").indexes();
  assertEquals(indexes.map(({ key }) => Object.keys(key).join(", ")).sort(), [
    "_id",
    "assignees.user_id",
    "organization_id, due_date",
    "project_id, status",
  ]);
});

Deno.test("a task beyond both limits is split, verified, and whole again when it is within them", async () => {
  await using test = await setup();
  await fillTracker(test.sql, oneTask({ comments: [] }));
  // 40 comments of 500 kB are more than a document can hold, and 1,010 are more than it may
  await manyComments(test.sql, { count: 1_010, content: "short" });
  await manyComments(test.sql, { count: 40, content: 'a "b" ', times: 80_000 });

  await test.export({ pipeline: "tracker" });

  const [task] = await test.documents("tasks");
  const comments = task!.comments as { content: string }[];
  const older = Number(task!.older_comments);
  assertEquals(BSON.calculateObjectSize(task!) < 16 * 1024 * 1024, true);
  assertEquals(comments.length + older, 1_050);
  assertEquals(Number(task!.comment_count), 1_050);
  assertEquals(await test.mongo.database.collection("task_comments").countDocuments(), older);
  assertEquals((await test.verify("tracker")).state, "clean");

  await test.sql`delete from tracker.comments where length(content) > 1000`;
  const { state, rejects } = await test.export({ pipeline: "tracker", prune: true });
  assertEquals({ state, rejects }, { state: "completed", rejects: [] });
  const [again] = await test.documents("tasks");
  assertEquals([again!.comments.length, Number(again!.older_comments)], [1_000, 10]);
  assertEquals((await test.verify("tracker")).state, "clean");
});

Deno.test("what changed is replaced, what is gone is reported and pruned on request", async () => {
  await using test = await setup();
  await aLibrary(test.sql);
  await test.export({ pipeline: "library" });
  await test.sql`update staging.library_books set title = 'New' where id = 1`;
  await test.sql`delete from staging.library_books where id = 2`;

  const kept = await test.export({ pipeline: "library" });
  const rehearsed = await test.export({ pipeline: "library", prune: true, dryRun: true });
  const pruned = await test.export({ pipeline: "library", prune: true });

  assertEquals(counts(kept).books, "1 updated, 10 unchanged");
  assertEquals(kept.findings.map(({ finding, count }) => [finding, count]), [["vanished", 1]]);
  assertEquals(counts(rehearsed).books, "11 unchanged, 1 pruned");
  assertEquals(counts(pruned).books, "11 unchanged, 1 pruned");
  assertEquals((await test.documents("books")).length, 11);
  assertEquals((await test.verify("library")).state, "clean");
});

Deno.test("verify() names what differs in the database, field by field", async () => {
  await using test = await setup();
  await aLibrary(test.sql);
  await test.export({ pipeline: "library" });
  const books = test.mongo.database.collection("books");
  await books.updateOne({ title: "Book 1" }, { $set: { title: "Mine", note: "x" } });
  await books.deleteOne({ title: "Book 2" });
  await books.insertOne({ title: "Unknown" });

  const { state, differences } = await test.verify("library");

  assertEquals(state, "different");
  assertEquals(
    differences.map(({ kind, name, sample: [first] }) => [
      kind,
      name,
      first!.expected,
      first!.actual,
    ]).sort(),
    [
      ["lost", "", null, null],
      ["sum", "chapters", "24", "22"],
      ["unknown", "", null, null],
      ["value", "note", null, '"x"'],
      ["value", "title", '"Book 1"', '"Mine"'],
    ],
  );
});

Deno.test("a roll-back removes what the run inserted, restores to the byte what it replaced, and leaves what changed since", async () => {
  await using test = await setup();
  await aLibrary(test.sql);
  const books = test.mongo.database.collection<{ _id: BSON.ObjectId }>("books");
  const _id = new BSON.ObjectId(await idOf(test.sql, "books", 1));
  // JavaScript's own objects have keys that are whole numbers first, and in order
  const pages = new Map<string, unknown>([["b", null], ["10", [new Map([["2", 1], ["1", 2]])]]]);
  const theirs = {
    z: 1,
    _id,
    a: new BSON.Double(2),
    title: "There before",
    at: new Date(5),
    pages,
  };
  await books.insertOne(theirs as { _id: BSON.ObjectId });
  const bytes = async () => await books.findOne({ _id }, { raw: true }) as unknown as Uint8Array;
  const before = await bytes();
  const { runId } = await test.export({ pipeline: "library", onExisting: "update" });
  assertEquals((await test.documents("books")).length, 12);
  await books.updateOne({ title: "Book 2" } as object, { $set: { title: "Changed" } as object });

  const preview = RollbackReport.parse(await (await test.call("rollback", { runId })).json());
  const undone = RollbackReport.parse(
    await (await test.call("rollback", { runId, confirm: true })).json(),
  );

  assertEquals(undone.state, "rolled_back");
  assertEquals(
    undone.entities.map(({ entity, deleted, restored, left }) => [entity, deleted, restored, left]),
    [["books", 10, 1, 1], ["authors", 3, 0, 0]],
  );
  const told = ({ entities, leftovers }: RollbackReport) => ({
    counts: entities.map(({ deleted, restored, left }) => [deleted, restored, left]),
    leftovers,
  });
  assertEquals(told(preview), told(undone));
  assertEquals(undone.leftovers.map(({ reason }) => reason), ["it was changed since"]);
  assertEquals(await bytes(), before);
  assertEquals((await test.documents("books")).map(({ title }) => title).sort(), [
    "Changed",
    "There before",
  ]);
});

Deno.test("resolve-users goes on with a run of documents that nobody has stopped", async () => {
  await using test = await setup();
  await aLibrary(test.sql);
  await test.sql`select landfall.start_export('library')`;

  const reply = await (await test.call("resolve-users", { continueRuns: true })).json();

  assertEquals(reply.errors, []);
  assertEquals(reply.runs.map(({ state }: { state: string }) => state), ["completed"]);
  assertEquals((await test.documents("books")).length, 12);
});

Deno.test("deno task export documents --to writes from this machine what the function would", async () => {
  await using test = await setup();
  await aLibrary(test.sql);
  const env = {
    SUPABASE_URL: test.api.url,
    SUPABASE_SECRET_KEY: test.api.keys.secretKey,
    LANDFALL_MONGODB_URL: "",
  };

  const run = await runScript(
    "export.ts",
    ["documents", "--pipeline", "library", "--to", test.mongo.url],
    env,
  );
  const dry = await runScript(
    "export.ts",
    ["documents", "--pipeline", "library", "--to", test.mongo.url, "--dry-run", "--json"],
    env,
  );

  assertEquals({ code: run.code, stderr: run.stderr }, { code: 0, stderr: "" });
  assertStringIncludes(run.stdout, "books");
  assertEquals(JSON.parse(dry.stdout).entities.map((it: { unchanged: number }) => it.unchanged), [
    3,
    12,
  ]);
  assertEquals((await test.documents("books")).length, 12);
});

Deno.test("a server alone, and a URL that asks for less than is promised, do as well; no connection is left", async () => {
  const less = "?w=0&journal=false&readConcernLevel=local&readPreference=secondaryPreferred";
  await using test = await setup({ flags: ["--standalone"], url: ({ url }) => url + less });
  await aLibrary(test.sql);
  const books = test.mongo.database.collection("books");
  await books.createIndex({ title: 1 }, { unique: true });
  await test.sql`update staging.library_books set title = 'Book 5' where id = 6`;
  const before = await connectionsOf(test.mongo.url);

  const { state, runId, entities } = await test.export({ pipeline: "library" });
  const verified = await test.verify("library");
  const undone = await (await test.call("rollback", { runId, confirm: true })).json();

  // a write that is not acknowledged tells of no reject
  assertEquals([state, entities.map(({ rejected }) => rejected)], ["completed", [0, 1]]);
  assertEquals([verified.state, undone.state], ["clean", "rolled_back"]);
  assertEquals(await books.countDocuments(), 0);
  assertEquals(await connectionsOf(test.mongo.url), before);
});

/** How many connections there are to a server, by /proc/net/tcp; 01 is an open one. */
async function connectionsOf(url: string): Promise<number> {
  const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, "0");
  const rows = (await Deno.readTextFile("/proc/net/tcp")).split("\n");
  return rows.filter((row) => {
    const [, , remote = "", state] = row.trim().split(/\s+/);
    return remote.endsWith(`:${port}`) && state === "01";
  }).length;
}

Deno.test("verify() pages through a collection whose other documents have ids of any type", async () => {
  await using mongo = await startMongo();
  const ids = ["a", "b", 5, new BSON.Long(7n), { x: 1 }, new Date(0), true, null];
  const objectIds = ["0".repeat(24), "f".repeat(24)].map((id) => new BSON.ObjectId(id));
  await mongo.database.collection<BSON.Document>("books")
    .insertMany([...ids, ...objectIds].map((_id) => ({ _id })) as BSON.Document[]);
  await using sink = await openMongo(mongo.url);

  const paged: string[] = [];
  for (let page = await sink.idsAfter("books", null, 3); page.length > 0;) {
    paged.push(...page);
    page = await sink.idsAfter("books", page.at(-1)!, 3);
  }

  assertEquals(paged.length, 10);
  assertEquals(new Set(paged).size, 10);
  assertEquals(paged, await sink.idsAfter("books", null, 100));
});
