import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { aLibrary } from "../support/library.ts";
import { counts, type Functions, moreFunctions, type Setup, setup } from "./documents_setup.ts";
import { startMongo } from "./start_mongo.ts";

const PASSWORD = "s3cret/p@ss";
const USERS = [
  { user: "writer", password: PASSWORD, role: "readWrite" },
  { user: "reader", password: PASSWORD, role: "read" },
] as const;

/** Calls functions, which must refuse; nothing of it may show the password. */
async function refusal(
  { call, log }: Pick<Functions, "call" | "log">,
  name: string,
  request: unknown,
): Promise<{ status: number; code: string; message: string; details: string | null }> {
  const response = await call(name, request);
  const text = await response.text();
  for (const told of [text, await log()]) assert(!told.includes("s3cret"), told);
  return { status: response.status, ...JSON.parse(text) };
}

/** The functions of the stack itself. */
function functionsOf({ call, api }: Setup): Pick<Functions, "call" | "log"> {
  return { call: (name, request) => call(name, request), log: api.log };
}

Deno.test("without a MongoDB, or with one that does not answer, nothing is begun (LF006, LF015)", async () => {
  await using test = await setup();
  await aLibrary(test.sql);
  const { runId } = await test.export({ pipeline: "library" });
  const nowhere = `writer:${encodeURIComponent(PASSWORD)}@127.0.0.1:1/app`;
  const calls: [string, Record<string, unknown>][] = [
    ["export-documents", { pipeline: "library" }],
    ["export-documents", { pipeline: "library", dryRun: true }],
    ["verify", { pipeline: "library" }],
    ["rollback", { runId, confirm: true }],
  ];
  for (
    const [url, names, ...expected] of [
      ["", calls, 500, "LF006", "LANDFALL_MONGODB_URL is not set"],
      [`http://${nowhere}`, calls, 500, "LF006", "The URL of the MongoDB makes no sense"],
      [
        `mongodb://${nowhere}`,
        calls.slice(0, 1),
        503,
        "LF015",
        "MongoDB at 127.0.0.1:1/app cannot be reached",
      ],
    ] as const
  ) {
    await using functions = await moreFunctions(test, url);
    for (const [name, request] of names) {
      const { status, code, message } = await refusal(functions, name, request);

      assertEquals([status, code, message], expected, name);
    }
  }
  const runs = await test.sql`select id, state from landfall.runs order by id`;
  assertEquals(runs.map(({ id, state }) => [Number(id), state]), [[runId, "completed"]]);
  assertEquals((await test.verify("library")).state, "clean");
});

Deno.test("a wrong password is refused (LF015), and who may only read (LF016); who may write does all", async () => {
  await using mongo = await startMongo({ users: USERS });
  await using test = await setup({ mongo });
  await aLibrary(test.sql);
  for (
    const [user, password, status, code, said] of [
      ["writer", `${PASSWORD}!`, 503, "LF015", "refuses the user or the password"],
      ["nobody", PASSWORD, 503, "LF015", "refuses the user or the password"],
      ["reader", PASSWORD, 502, "LF016", "does not let this user write there"],
    ] as const
  ) {
    await using functions = await moreFunctions(test, mongo.urlOf(user, password));

    const failure = await refusal(functions, "export-documents", { pipeline: "library" });

    assertEquals([failure.status, failure.code], [status, code], user);
    assertStringIncludes(failure.message, said);
    const accept = "application/x-ndjson";
    const streamed = await functions.call("export-documents", { pipeline: "library" }, { accept });
    const lines = await streamed.text();
    assert(lines.includes(code) && !lines.includes("s3cret"), lines);
  }

  await using functions = await moreFunctions(test, mongo.urlOf("writer", PASSWORD));
  for (
    const [name, request, state] of [
      ["export-documents", { pipeline: "library" }, "completed"],
      ["verify", { pipeline: "library" }, "clean"],
      ["rollback", { runId: 1, confirm: true }, "rolled_back"],
    ] as const
  ) {
    assertEquals((await (await functions.call(name, request)).json()).state, state);
  }
});

Deno.test("a document that a validator or a unique index refuses is rejected with the server's reason, and the others are written", async () => {
  await using test = await setup();
  await aLibrary(test.sql);
  await test.mongo.database.createCollection("books", {
    validator: { $jsonSchema: { properties: { pages: { minimum: 102 } } } },
  });
  await test.mongo.database.collection("books").createIndex({ title: 1 }, { unique: true });
  await test.sql`update staging.library_books set title = 'Book 5' where id = 6`;

  const report = await test.export({ pipeline: "library" });

  assertEquals(counts(report).books, "10 inserted, 2 rejected");
  const reasons = report.rejects.map(({ reason }) => reason).sort();
  assertEquals(reasons, [
    "another document of books has its place in the unique index title_1",
    "the validator of books refuses it",
  ]);
  const [reject] = await test.sql`
    select details, source_row from landfall.rejects where source_key = '1'`;
  assertStringIncludes(reject!.details[0], "failed validation");
  assertEquals(reject!.source_row.id, 1);

  await test.sql`update staging.library_books set pages = 500 where id = 1`;
  const retried = await test.export({ pipeline: "library", retryRejects: true });
  assertEquals(counts(retried).books, "1 inserted, 1 rejected");
});

Deno.test("a document beyond 16 MB, or with a value that BSON cannot hold, is rejected alone", async () => {
  await using test = await setup();
  await aLibrary(test.sql);
  await test.sql`
    update staging.library_books set title = repeat('x', 17 * 1024 * 1024) where id = 3`;
  await test.sql`
    update staging.library_books set price = 1234567890123456789012345678901234567.5 where id = 4`;

  const report = await test.export({ pipeline: "library" });

  assertEquals(counts(report).books, "10 inserted, 2 rejected");
  assertEquals(report.rejects.map(({ reason, sample }) => [reason, sample]).sort(), [
    ["BSON cannot hold one of its values", ["4"]],
    ["it is larger than the 16 MB that MongoDB takes", ["3"]],
  ]);
});

Deno.test("a collection whose name is too long is refused (LF016)", async () => {
  await using test = await setup({ url: ({ url }) => url.replace(/app$/, "d".repeat(60)) });
  await aLibrary(test.sql);
  await test.sql`select landfall.define_documents('library', 'books', ${"b".repeat(200)})`;

  const { code, message, details } = await refusal(functionsOf(test), "export-documents", {
    pipeline: "library",
  });

  assertEquals(code, "LF016", details ?? "");
  assertStringIncludes(message, "refuses the call");
});

Deno.test("functions say which of them writes what (LF215)", async () => {
  await using test = await setup();
  await aLibrary(test.sql);
  const { runId } = await test.export({ pipeline: "library" });

  const refusals = [
    await refusal(functionsOf(test), "migrate", { pipeline: "library" }),
    await refusal(functionsOf(test), "migrate", { runId }),
    await refusal(functionsOf(test), "export-documents", { pipeline: "kv" }),
  ];

  assertEquals(refusals.map(({ status, code }) => [status, code]), [
    [400, "LF215"],
    [400, "LF215"],
    [400, "LF215"],
  ]);
});

Deno.test("a large document is replaced and put back, though both are more than one write can hold", async () => {
  await using test = await setup();
  await aLibrary(test.sql, { books: 3 });
  const size = (millions: number) =>
    test.sql`
      update staging.library_books set title = repeat('x', ${millions * 1_000_000}::int)
      where id = 3`;
  await size(10);
  await test.export({ pipeline: "library" });
  await size(9);

  const report = await test.export({ pipeline: "library" });
  const undone = await (await test.call("rollback", { runId: report.runId, confirm: true })).json();

  assertEquals(counts(report).books, "1 updated, 2 unchanged");
  assertEquals([undone.state, undone.leftovers], ["rolled_back", []]);
  const [, , book] = (await test.documents("books")).sort((a, b) => a.pages - b.pages);
  assertEquals(book!.title.length, 10_000_000);
});

Deno.test("an index that the app has made on the same paths serves as well", async () => {
  await using test = await setup();
  await aLibrary(test.sql);
  const books = test.mongo.database.collection("books");
  await books.createIndex({ author_id: 1, pages: -1 }, { unique: true });

  const { state } = await test.export({ pipeline: "library" });

  assertEquals(state, "completed");
  assertEquals((await books.indexes()).map(({ name }) => name), ["_id_", "author_id_1_pages_-1"]);
});

Deno.test("what the server says of a document is withheld when its entity has secrets", async () => {
  await using test = await setup();
  await aLibrary(test.sql);
  await test.sql`
    select landfall.define_documents('library', 'books', 'books', secret_fields => '{title}')`;
  await test.mongo.database.collection("books").createIndex({ title: 1 }, { unique: true });
  await test.sql`update staging.library_books set title = 'Hush' where id in (5, 6)`;

  const report = await test.export({ pipeline: "library" });

  assertEquals(counts(report).books, "11 inserted, 1 rejected");
  const [reject] = await test.sql`select details, source_row from landfall.rejects`;
  assertEquals(reject!.details, ["withheld, since the entity has secret fields"]);
  assertEquals(JSON.stringify(reject).includes("Hush"), false);
});
