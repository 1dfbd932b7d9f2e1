import { assertEquals } from "@std/assert";
import { aPipeline } from "../support/builders.ts";
import { refusal } from "../support/refusal.ts";
import { counts, setup } from "./documents.ts";

Deno.test("define_documents() refuses what does not fit, and says why (LF101, LF103)", async () => {
  await using test = await setup();
  await test.sql.unsafe(`
    create view transform.bare as select '1' as source_key, null::jsonb as source_row;
    create view transform.text as
      select '1' as source_key, null::jsonb as source_row, '{}' as document;
    create view transform.ordered as
      select source_key collate "C" as source_key, source_row, document
      from transform.library_books;
    create view transform.waiting as
      select source_key, source_row, document, 'x' as waiting_for from transform.library_books;
    create view transform.scoped as
      select source_key, source_row, document, 'x' as scope_key from transform.library_books;`);
  await aPipeline(test.sql, { entities: [{}] });

  const define = async (given: Record<string, unknown>) => {
    const all = {
      pipeline: "library",
      name: "more",
      collection: "more",
      transform: "transform.library_books",
      ...given,
    };
    const names = Object.keys(all).filter((name) => all[name as keyof typeof all] !== undefined);
    const { code, message } = await refusal(
      test.sql.unsafe(
        `select landfall.define_documents(${
          names.map((name, nth) => `${name} => $${nth + 1}`).join(", ")
        })`,
        names.map((name) => all[name as keyof typeof all] as never),
      ),
      JSON.stringify(given),
    );
    return `${code} ${message.replace(/^Cannot define entity \S+: /, "")}`;
  };

  const cases: [Record<string, unknown>, string][] = [
    [{ pipeline: "nobody" }, "LF101 there is no pipeline nobody"],
    [{ name: "Upper" }, "LF103 its name is not a lower case word"],
    [{ collection: "a b" }, "LF103 'a b' is no name for a collection"],
    [{ collection: "a$b" }, "LF103 'a$b' is no name for a collection"],
    [{ collection: "system.users" }, "LF103 'system.users' is no name for a collection"],
    [{ collection: null }, "LF103 (null) is no name for a collection"],
    [{ transform: "transform.nowhere" }, "LF103 there is no view transform.nowhere"],
    [{ transform: undefined }, "LF103 there is no view transform.library_more"],
    [{ transform: "transform.bare" }, `LF103 transform.bare ${LACKS}`],
    [{ transform: "transform.text" }, `LF103 transform.text ${LACKS}`],
    [{ transform: "transform.waiting" }, `LF103 transform.waiting ${HAS}`],
    [{ transform: "transform.scoped" }, `LF103 transform.scoped ${HAS}`],
    [
      { transform: "transform.ordered" },
      "LF103 transform.ordered orders its source keys by a collation of their own: " +
      'cast them by collate "default"',
    ],
    [{ pipeline: "shop" }, "LF103 its pipeline writes tables"],
    [{ collection: "books" }, "LF103 another entity of the pipeline writes collection books"],
    [{ refers_to: [1] }, "LF103 refers_to is no object of paths and entities"],
    [{ refers_to: null }, "LF103 refers_to is no object of paths and entities"],
    [{ counts: [1] }, "LF103 counts is no object of paths and queries"],
    [{ refers_to: { a: "x" } }, "LF103 it refers to x, which is no entity of the pipeline"],
    [{ indexes: ["$a"] }, "LF103 '$a' is no index"],
    [{ indexes: ["a", "b,,c"] }, "LF103 'b,,c' is no index"],
    [{ indexes: [""] }, "LF103 '' is no index"],
    [{ counts: { a: "select 'x' from" } }, 'LF103 syntax error at or near ")"'],
    [{ counts: { a: "select 1, 2" } }, "LF103 subquery must return only one column"],
  ];
  for (const [given, expected] of cases) assertEquals(await define(given), expected);

  const [row] = await test.sql`
    select count(*)::int as rows from landfall.entities where pipeline = 'library'`;
  assertEquals(row!.rows, 2);
});

Deno.test("define_documents() takes what fits, and changes what is defined already", async () => {
  await using test = await setup();
  await test.run();

  await test.sql`
    select landfall.define_documents('library', 'books', 'books',
      refers_to => '{"author_id": "authors", "sequel_of": "books"}',
      indexes => array['title', 'author_id, -pages', '-a.b,c'], counts => '{}')`;

  const [, books] = await test.engine.documentCollections("library");
  assertEquals(books!.indexes, ["title", "author_id, -pages", "-a.b,c"]);
  assertEquals(counts(await test.migrate()).books, "6 unchanged");
});

Deno.test("a pipeline writes tables or documents, not both (LF103, LF104, LF105)", async () => {
  await using test = await setup();
  await test.sql.unsafe(`create table public.things (id int primary key)`);

  const table = await refusal(test.sql`
    select landfall.define_entity('library', 'things', 'public.things',
      transform => 'transform.library_books')`);
  const rule = await refusal(test.sql`
    select landfall.define_rule('library', 'books', 'late', 'defer', 'it waits',
      condition => 'pages > 0')`);
  const cycle = await refusal(test.sql`
    select landfall.define_documents('library', 'authors', 'authors',
      refers_to => '{"best": "books"}')`);

  assertEquals([table.code, rule.code, cycle.code], ["LF103", "LF104", "LF105"]);
  assertEquals(table.message.split(": ")[1], "its pipeline writes documents");
  assertEquals(rule.message.split(": ")[1], "its rows become documents, which do not wait");
  assertEquals(counts(await test.migrate()).books, "6 inserted");
});

Deno.test("documents are not for those who write tables, and the other way round (LF215)", async () => {
  await using test = await setup();
  const shop = await aPipeline(test.sql, { entities: [{}] });
  await test.run();
  await test.service`select landfall.start_verification('library')`;
  await test.service`select landfall.start_verification(${shop})`;
  const { runId } = await test.engine.startRun("library", {});
  const [{ report }] = await test.service`
    select landfall.start_run(${shop}) as report` as unknown as [{ report: { runId: number } }];

  for (
    const query of [
      test.service`select landfall.start_run('library')`,
      test.service`select landfall.dry_run('library')`,
      test.service`select landfall.advance_rollback(1)`,
      test.service`select landfall.advance_verification(1)`,
      test.service`select landfall.verify('library')`,
      test.service`select landfall.start_export(${shop})`,
      test.service`select landfall.rehearse_export(${shop})`,
      test.service`select landfall.document_collections(${shop})`,
      test.service`select landfall.take_documents(${report.runId})`,
      test.service`select landfall.take_rollback(${report.runId})`,
      test.service`select landfall.take_verification(2)`,
    ]
  ) assertEquals((await refusal(query)).code, "LF215");
  assertEquals((await test.bare.advanceRun(runId!, 100)).state, "running");
});

Deno.test("options are checked before anything begins (LF203, LF204, LF101, LF201)", async () => {
  await using test = await setup();
  const shop = await aPipeline(test.sql, { entities: [{}] });
  const code = async (query: PromiseLike<unknown>) => (await refusal(query)).code;
  const { service } = test;

  assertEquals(
    await code(service`select landfall.start_run(${shop}, '{"maxChildren": 1}')`),
    "LF203",
  );
  for (const most of ["-1", "1.5", "100001", '"1"']) {
    assertEquals(
      await code(service.unsafe(
        `select landfall.start_export('library', '{"maxChildren": ${most}}')`,
      )),
      "LF203",
    );
  }
  assertEquals(
    await code(service`select landfall.start_export('library', '{"tables": ["x"]}')`),
    "LF204",
  );
  assertEquals(await code(service`select landfall.start_export('nobody')`), "LF101");
  assertEquals(await code(service`select landfall.take_documents(77)`), "LF201");
  assertEquals(await code(service`select landfall.take_rollback(77)`), "LF201");
  await service`select landfall.start_export('library')`;
  assertEquals(await code(service`select landfall.start_export('library')`), "LF202");
});

Deno.test("continue_runs() and a tick leave exports and their roll-backs alone", async () => {
  await using test = await setup();
  await test.engine.startRun("library", {});
  const [first] = await test.service`select landfall.continue_runs(1000) as done`;
  const { state } = await test.engine.runReport(1);
  await test.sql`select landfall.tick()`;
  await test.run().catch(() => {});
  await test.engine.cancelRun(1);
  await test.run();
  await test.engine.startRollback(2, {});
  const [second] = await test.service`select landfall.continue_runs(1000) as done`;

  assertEquals([first!.done, second!.done], Array(2).fill({ runs: [], errors: [] }));
  assertEquals([state, (await test.engine.runReport(2)).state], ["planned", "rolling_back"]);
});

const LACKS = "lacks source_key text, source_row jsonb or document json";
const HAS = "has waiting_for or scope_key, which documents do not take";
