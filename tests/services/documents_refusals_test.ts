import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { aLibrary } from "../support/library.ts";
import { counts, type Setup, setup } from "./documents_setup.ts";

const PASSWORD = "s3cret/p@ss";
const USERS = [
  { user: "writer", password: PASSWORD, role: "readWrite" },
  { user: "reader", password: PASSWORD, role: "read" },
] as const;

/** Calls a function, which must refuse; nothing of it may show the password. */
async function refusal(
  { call, api }: Setup,
  name: string,
  request: unknown,
): Promise<{ status: number; code: string; message: string; details: string | null }> {
  const response = await call(name, request);
  const text = await response.text();
  for (const told of [text, await api.log()]) {
    assert(!told.includes(PASSWORD) && !told.includes(encodeURIComponent(PASSWORD)), told);
  }
  return { status: response.status, ...JSON.parse(text) };
}

Deno.test("a URL that is missing, malformed or without a database is refused (LF006)", async () => {
  const urls: [string, string][] = [
    ["", "LANDFALL_MONGODB_URL is not set"],
    [`http://writer:${encodeURIComponent(PASSWORD)}@127.0.0.1/app`, "makes no sense"],
    [`mongodb://writer:${PASSWORD}@127.0.0.1/app`, "makes no sense"],
    [`mongodb://writer:${encodeURIComponent(PASSWORD)}@127.0.0.1:1/?w=1`, "names no database"],
  ];
  for (const [url, said] of urls) {
    await using test = await setup({ url: () => url });
    await aLibrary(test.sql);

    const { status, code, message } = await refusal(test, "export-documents", {
      pipeline: "library",
    });

    assertEquals([status, code], [500, "LF006"], url);
    assertStringIncludes(message, said);
  }
});

Deno.test("a server that does not answer is told, and no run is begun (LF015)", async () => {
  await using test = await setup({
    url: () => `mongodb://writer:${encodeURIComponent(PASSWORD)}@127.0.0.1:1/app`,
  });
  await aLibrary(test.sql);

  const { status, code, message } = await refusal(test, "export-documents", {
    pipeline: "library",
  });

  assertEquals([status, code], [503, "LF015"]);
  assertStringIncludes(message, "127.0.0.1:1/app cannot be reached");
  assertEquals((await test.sql`select count(*)::int as runs from landfall.runs`)[0]!.runs, 0);
});

Deno.test("a wrong password is refused (LF015), and who may only read (LF016)", async () => {
  for (
    const [user, password, code] of [
      ["writer", `${PASSWORD}!`, "LF015"],
      ["nobody", PASSWORD, "LF015"],
      ["reader", PASSWORD, "LF016"],
    ] as const
  ) {
    await using test = await setup({ users: USERS, url: ({ urlOf }) => urlOf(user, password) });
    await aLibrary(test.sql);

    const failure = await refusal(test, "export-documents", { pipeline: "library" });

    assertEquals(failure.code, code, `${user}: ${JSON.stringify(failure)}`);
  }
});

Deno.test("a user who may write exports, verifies and rolls back", async () => {
  await using test = await setup({
    users: USERS,
    url: ({ urlOf }) => urlOf("writer", PASSWORD),
  });
  await aLibrary(test.sql);

  const { runId } = await test.export({ pipeline: "library" });

  assertEquals((await test.verify("library")).state, "clean");
  const undone = await (await test.call("rollback", { runId, confirm: true })).json();
  assertEquals(undone.state, "rolled_back");
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

  const { code, message, details } = await refusal(test, "export-documents", {
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
    await refusal(test, "migrate", { pipeline: "library" }),
    await refusal(test, "migrate", { runId }),
    await refusal(test, "export-documents", { pipeline: "kv" }),
  ];

  assertEquals(refusals.map(({ status, code }) => [status, code]), [
    [400, "LF215"],
    [400, "LF215"],
    [400, "LF215"],
  ]);
});
