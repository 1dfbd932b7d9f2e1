import { assertEquals, assertRejects } from "@std/assert";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { countsOf, reasonsOf, setup } from "./documents.ts";

Deno.test("an export writes every row as a document, and a second one writes nothing", async () => {
  await using test = await setup();
  const first = await test.export();
  test.sink.beforeWrite = () => {
    throw new Error("nothing is to be written");
  };

  const second = await test.export();

  assertEquals(countsOf(first, "authors"), "3 inserted");
  assertEquals(countsOf(first), "12 inserted");
  assertEquals(countsOf(second), "12 unchanged");
  assertEquals((await test.book(1))?.chapters, [{ title: "One" }, { title: "Two" }]);
});

Deno.test("a dry run of documents reports what the run does, and writes nothing", async () => {
  await using test = await setup();
  await test.putBook(3, { title: "Theirs" });
  await test.sql`
    select landfall.define_rule('library', 'books', 'thin', 'reject', 'thin: it has few pages',
      condition => 'pages > 101')`;
  for (
    const change of [
      "select 1",
      "update staging.library_books set title = 'New' where id in (5, 6)",
      "delete from staging.library_books where id = 7",
    ]
  ) {
    await test.sql.unsafe(change);
    for (const options of [{ prune: true }, { onExisting: "keep" }, { onExisting: "update" }]) {
      const before = await test.everything();
      const rehearsed = await test.engine.dryRun("library", options);
      assertEquals(await test.everything(), before);

      const report = await test.export(options);

      const told = ({ entities, rejects, findings }: typeof report) => ({
        entities: entities.map(({ entity, durationMs: _, ...counts }) => [entity, counts]),
        rejects: reasonsOf(rejects),
        findings: findings.map(({ finding, count }) => [finding, count]),
      });
      assertEquals(told(rehearsed), told(report), `${change} ${JSON.stringify(options)}`);
    }
  }
});

Deno.test("a run takes some rows, some tables, in batches of any size, by any number of workers", async () => {
  await using test = await setup({ books: 40 });
  const limited = await test.export({ limit: 2 });
  assertEquals([countsOf(limited, "authors"), countsOf(limited)], [
    "2 inserted",
    "2 inserted",
  ]);
  const some = await test.export({ tables: ["authors"] });
  assertEquals(some.entities.map(({ entity }) => entity), ["authors"]);

  const rest = await test.export({ batchSize: 3, workers: 3 });

  assertEquals(countsOf(rest), "38 inserted, 2 unchanged");
  assertEquals((await test.verify()).state, "clean");
});

Deno.test("start_export() needs the documents that others refer to (LF205)", async () => {
  await using test = await setup();

  const error = await assertRejects(
    () => test.export({ tables: ["books"] }),
    LandfallError,
    "Cannot migrate books without authors",
  );

  assertEquals(error.code, "LF205");
});

Deno.test("a document that refers to none is rejected, and taken again when that is there", async () => {
  await using test = await setup();
  await test.sql`update staging.library_books set author_id = 9 where id = 4`;

  const report = await test.export();
  assertEquals(reasonsOf(report.rejects), { "author_id names no document of authors": ["4"] });
  await test.sql`insert into staging.library_authors values (9, 'Late', '2000-01-01')`;
  const arrived = await test.export();

  assertEquals([countsOf(report), countsOf(arrived)], [
    "11 inserted, 1 rejected",
    "1 inserted, 11 unchanged",
  ]);
  const [reject] = await test.sql`select settled_by::int from landfall.rejects`;
  assertEquals(reject!.settled_by, 2);
});

Deno.test("a row whose document does not compute is rejected alone, with what Postgres says", async () => {
  await using test = await setup();
  await test.sql`
    create or replace view transform.library_books with (security_invoker = true) as
    select id::text as source_key, to_jsonb(legacy) as source_row, pages,
      json_build_object(
        '_id', json_build_object('$oid', left(md5('library.books/' || id), 24)),
        'price', json_build_object('$numberLong', (1000 / (id - 5))::text)
      ) as document
    from staging.library_books as legacy`;

  const report = await test.export({ batchSize: 4 });

  assertEquals(countsOf(report), "11 inserted, 1 rejected");
  assertEquals(reasonsOf(report.rejects), { "division by zero": ["5"] });
  assertEquals(await test.book(5), undefined);
});

Deno.test("an _id that is none, is another row's, or has changed, rejects its row", async () => {
  await using test = await setup();
  const give = (id: string) =>
    test.sql.unsafe(`
      create or replace view transform.library_books with (security_invoker = true) as
      select id::text as source_key, to_jsonb(legacy) as source_row, pages,
        json_build_object('_id', ${id}, 'title', title) as document
      from staging.library_books as legacy`);
  const oid = (key: string) =>
    `json_build_object('$oid', left(md5('library.books/' || ${key}), 24))`;
  await give(`case id when 1 then to_json(id) when 2 then null else ${oid("id")} end`);
  const first = await test.export();
  await give(oid("case id when 2 then 3 when 4 then 400 else id end"));
  await test.sql`update staging.library_books set title = title || '!'`;
  const second = await test.export();

  assertEquals(countsOf(first), "10 inserted, 2 rejected");
  assertEquals(reasonsOf(first.rejects), { "its document has no ObjectId as _id": ["1", "2"] });
  assertEquals(reasonsOf(second.rejects), {
    "another source row has become this document of books": ["2", "3"],
    "its _id is no longer the one it was written with": ["4"],
  });
});

Deno.test("rules reject and remark, by a condition and by a query, unless they are left out", async () => {
  await using test = await setup();
  await test.sql`
    select landfall.define_rule('library', 'books', 'thin', 'reject', 'thin: few pages',
      condition => 'pages > 102')`;
  await test.sql`
    select landfall.define_rule('library', 'books', 'banned', 'reject', 'banned: not allowed',
      query => 'select ''9'' as source_key')`;
  await test.sql`
    select landfall.define_rule('library', 'books', 'thick', 'finding', 'thick: many pages',
      condition => 'pages < 111')`;

  const report = await test.export();
  const lenient = await test.export({ ruleActions: { thin: "finding", banned: "off" } });

  assertEquals(reasonsOf(report.rejects), {
    "banned: not allowed": ["9"],
    "thin: few pages": ["1", "2"],
  });
  assertEquals(report.findings.map(({ finding, count }) => [finding, count]), [["thick", 2]]);
  assertEquals(countsOf(lenient), "3 inserted, 9 unchanged");
  assertEquals(lenient.findings.map(({ finding, count }) => [finding, count]), [
    ["thick", 2],
    ["thin", 2],
  ]);
});

Deno.test("past its error budget a run of documents stops, and goes on when it is told to (LF211)", async () => {
  await using test = await setup();
  test.sink.refuse = (_, document) => document.pages > 104 ? "no" : undefined;

  const stopped = await test.export({ maxRejects: 2, batchSize: 2, workers: 1 });
  assertEquals([stopped.state, stopped.error?.code], ["failed", "LF211"]);
  test.sink.refuse = () => undefined;
  await test.engine.resumeRun(stopped.runId!);
  await test.continue(stopped.runId!);
  const retried = await test.export({ retryRejects: true });

  assertEquals(retried.rejects, []);
  assertEquals((await test.verify()).state, "clean");
});

Deno.test("what has vanished is reported, and deleted on request with its before image", async () => {
  await using test = await setup();
  await test.export();
  await test.sql`delete from staging.library_books where id in (1, 2, 3, 4)`;
  await test.putBook(2, { title: "Changed" });
  await test.putBook(3);

  const kept = await test.export();
  const pruned = await test.export({ prune: true });

  assertEquals(kept.findings.map(({ finding, count }) => [finding, count]), [["vanished", 4]]);
  assertEquals(countsOf(pruned), "8 unchanged, 2 pruned");
  assertEquals(reasonsOf(pruned.leftovers), { "it was changed since": ["2"] });
  const undone = await test.rollBack(pruned.runId!);
  assertEquals(undone.entities.find(({ entity }) => entity === "books")!.restored, 2);
  await test.putBook(2);
  const { lineage, collections } = await test.everything() as Record<string, unknown[]>;
  assertEquals([lineage!.length, (collections![1] as unknown[][])[1]!.length], [14, 10]);
});
