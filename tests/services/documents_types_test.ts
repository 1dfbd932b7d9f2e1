import { assertEquals } from "@std/assert";
import { BSON } from "../../supabase/functions/_shared/sinks/mongodb.ts";
import { openMongo } from "../../supabase/functions/_shared/sinks/open_mongo.ts";
import { aLibrary } from "../support/library.ts";
import { seed, setup } from "./documents_setup.ts";
import { startMongo } from "./start_mongo.ts";

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
