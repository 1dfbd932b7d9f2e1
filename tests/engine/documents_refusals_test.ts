import { assertEquals } from "@std/assert";
import { aPipeline } from "../support/builders.ts";
import { refusal } from "../support/refusal.ts";
import { setup } from "./documents.ts";

Deno.test("define_documents() refuses what does not fit (LF101, LF103)", async () => {
  await using test = await setup();
  await test.sql`select landfall.define_pipeline('empty', 'A pipeline of a test')`;
  await test.sql`
    create view transform.odd with (security_invoker = true) as
    select '1'::text as source_key, '{}'::jsonb as source_row, '{}'::text as document`;
  await test.sql`
    create view transform.waits with (security_invoker = true) as
    select '1'::text as source_key, '{}'::jsonb as source_row, '{}'::json as document,
      null::text as waiting_for`;
  await aPipeline(test.sql);
  const books = `'library', 'books', 'books'`;
  const view = `transform => 'transform.library_books'`;
  const refusals: [string, string, RegExp][] = [
    [`'nothing', 'x', 'x'`, "LF101", /there is no pipeline nothing/],
    [`'library', 'Odd Name', 'x'`, "LF103", /not a lower case word/],
    [`'library', 'x', 'x'`, "LF103", /there is no view transform.library_x/],
    [`'library', 'x', 'a$b', ${view}`, "LF103", /no name for a collection/],
    [`'library', 'x', 'system.x', ${view}`, "LF103", /no name for a collection/],
    [`'library', 'x', 'x', transform => 'transform.odd'`, "LF103", /lacks source_key text/],
    [`'library', 'x', 'x', transform => 'transform.waits'`, "LF103", /waiting_for/],
    [`'shop', 'x', 'x', ${view}`, "LF103", /its pipeline writes tables/],
    [`'library', 'x', 'books', ${view}`, "LF103", /another entity of the pipeline writes/],
    [`${books}, refers_to => '[]'`, "LF103", /refers_to is no object/],
    [`${books}, counts => '[]'`, "LF103", /counts is no object/],
    [`${books}, refers_to => '{"x": "shops"}'`, "LF103", /refers to shops/],
    [`${books}, indexes => '{"a,,b"}'`, "LF103", /is no index/],
    [`${books}, counts => '{"x": "select nothing"}'`, "LF103", /nothing/],
    [
      `'library', 'authors', 'authors', refers_to => '{"favourite": "books"}'`,
      "LF105",
      /form a cycle/,
    ],
  ];
  for (const [args, code, said] of refusals) {
    const failure = await refusal(test.sql.unsafe(`select landfall.define_documents(${args})`));
    assertEquals([failure.code, said.test(failure.message)], [code, true], failure.message);
  }
});

Deno.test("tables and documents have functions of their own (LF103, LF104, LF203, LF215)", async () => {
  await using test = await setup();
  const shop = await aPipeline(test.sql);
  await test.export();
  const { sql } = test;
  const engine = test.database.as("service_role");
  await engine`select landfall.start_rollback(1)`;
  const [verification] = await engine`
    select landfall.start_verification('library') ->> 'verificationId' as id`;
  const refusals: [Promise<unknown>, string][] = [
    [sql`select landfall.define_entity('library', 'x', 'public.items')`, "LF103"],
    [
      sql`select landfall.define_rule('library', 'books', 'x', 'defer', 'x', condition => 'true')`,
      "LF104",
    ],
    [engine`select landfall.start_run('library')`, "LF215"],
    [engine`select landfall.dry_run('library')`, "LF215"],
    [engine`select landfall.advance_rollback(1)`, "LF215"],
    [engine`select landfall.advance_verification(${verification!.id})`, "LF215"],
    [engine`select landfall.start_export(${shop})`, "LF215"],
    [engine`select landfall.rehearse_export(${shop})`, "LF215"],
    [engine`select landfall.document_collections(${shop})`, "LF215"],
    [engine`select landfall.start_export('nothing')`, "LF101"],
    [engine`select landfall.start_run(${shop}, '{"maxChildren": 5}')`, "LF203"],
  ];
  for (const [nth, [call, code]] of refusals.entries()) {
    assertEquals((await refusal(call)).code, code, `${nth}`);
  }
});

Deno.test("the schedule leaves runs of documents to the functions", async () => {
  await using test = await setup();
  const engine = test.database.as("service_role");
  await engine`select landfall.start_export('library')`;

  await engine`select landfall.tick()`;

  const [run] = await test.sql`select state from landfall.runs`;
  const [tick] = await test.sql`select runs, errors from landfall.ticks`;
  assertEquals([run!.state, tick!.runs, tick!.errors], ["planned", [], []]);
});
