import { assertEquals } from "@std/assert";
import { found, setup } from "./documents.ts";

Deno.test("a verification of what was just written is clean, of the pipeline and of the run", async () => {
  await using test = await setup();
  await test.run();

  for (const what of [undefined, 1]) {
    const { state, entities, differences, progress } = await test.verify(what);

    assertEquals([state, differences], ["clean", []]);
    assertEquals(
      entities.map(({ source, migrated, unknown, sums }) => ({ source, migrated, unknown, sums })),
      [
        { source: 3, migrated: 3, unknown: 0, sums: {} },
        { source: 6, migrated: 6, unknown: 0, sums: { chapters: ["12", "12"] } },
      ],
    );
    assertEquals(progress, { done: 9, total: 9 });
  }
});

Deno.test("a document that differs is named field by field, with both values", async () => {
  await using test = await setup();
  await test.run();
  await test.tamper("books", 2, { title: "Theirs", more: [1.5] });
  await test.sql`update staging.library_books set pages = 7 where id in (3, 4)`;

  const { state, differences } = await test.verify();

  assertEquals(state, "different");
  const [row] = await test.sql`select left(md5('library.books/2'), 24) as id`;
  assertEquals(
    differences.map(({ entity, kind, name, count, sample }) => [
      `${entity} ${kind} ${name}: ${count}`,
      sample[0]!.expected,
      sample[0]!.actual,
    ]),
    [
      ["books value more: 1", null, '[{"$numberDouble": "1.5"}]'],
      ["books value pages: 2", '{"$numberInt": "7"}', '{"$numberInt": "103"}'],
      ["books value title: 1", '"Book 2"', '"Theirs"'],
    ],
  );
  assertEquals([differences[0]!.sample[0]!.sourceKey, differences[0]!.sample[0]!.targetKey], [
    "2",
    row!.id,
  ]);
});

Deno.test("a verification withholds the values of an entity with secret fields", async () => {
  await using test = await setup();
  await test.sql`
    select landfall.define_documents('library', 'authors', 'authors',
      secret_fields => array['name'])`;
  await test.run();
  await test.tamper("authors", 1, { name: "Theirs" });

  const { differences } = await test.verify();

  assertEquals(differences.map(({ name, sample }) => [name, sample[0]!.expected]), [
    ["name", "withheld"],
  ]);
  assertEquals(JSON.stringify(differences).includes("Theirs"), false);
});

Deno.test("what is lost, vanished, unmigrated, or refers to nothing is a difference", async () => {
  await using test = await setup();
  await test.run();
  await test.tamper("books", 1, null);
  await test.sql`delete from staging.library_books where id = 2`;
  await test.sql`insert into staging.library_books values (7, 1, 'Book 7', 1, 1, '{}')`;
  await test.sql`update staging.library_books set author_id = 9 where id = 3`;

  const pipeline = found(await test.verify());
  const run = found(await test.verify(1));

  const author = { "books orphan author_id names no document of authors": ["3"] };
  assertEquals(pipeline, {
    "books lost": ["1"],
    ...author,
    "books unmigrated": ["7"],
    "books value author_id": ["3"],
    "books vanished": ["2"],
  });
  assertEquals(run, {
    "books lost": ["1"],
    ...author,
    "books value author_id": ["3"],
    "books vanished": ["2"],
  });
});

Deno.test("what is rejected since must stand as it was written", async () => {
  await using test = await setup();
  await test.sql`
    select landfall.define_rule('library', 'books', 'pages', 'reject', 'it has no pages',
      condition => 'pages > 0')`;
  await test.run();
  await test.sql`update staging.library_books set pages = 0 where id in (1, 2, 3)`;
  await test.run();
  const clean = await test.verify();
  await test.tamper("books", 1, { title: "Theirs" });
  await test.tamper("books", 2, null);

  assertEquals([clean.state, clean.entities[1]!.rejected], ["clean", 3]);
  assertEquals(found(await test.verify()), { "books changed": ["1"], "books lost": ["2"] });
});

Deno.test("documents that nobody has written are unknown to a pipeline, unless they may be", async () => {
  await using test = await setup();
  await test.run();
  await test.tamper("books", 77, { title: "Theirs" });
  const [row] = await test.sql`select left(md5('library.books/77'), 24) as id`;

  const strict = await test.verify();
  const lenient = await test.verify(undefined, { allowUnknown: true });
  const run = await test.verify(1);

  assertEquals(found(strict), { "books unknown": [row!.id] });
  assertEquals([lenient.state, lenient.entities[1]!.unknown], ["clean", 1]);
  assertEquals(run.state, "clean");
});

Deno.test("pipelines may share a collection without being unknown to each other", async () => {
  await using test = await setup();
  await test.sql`select
    landfall.define_pipeline('other', 'Writers, too'),
    landfall.define_documents('other', 'writers', 'authors',
      transform => 'transform.library_authors')`;
  await test.sql`
    create view transform.other_writers as
    select source_key, source_row,
      (document::jsonb || jsonb_build_object('_id',
        jsonb_build_object('$oid', left(md5('other/' || source_key), 24))))::json as document
    from transform.library_authors`;
  await test.sql`select landfall.define_documents('other', 'writers', 'authors'),
    landfall.close_doors()`;
  await test.run();
  const { runId } = await test.engine.startRun("other", {});
  while ((await test.engine.advanceRun(runId!, 1000)).state === "running");

  assertEquals(test.sink.collections.get("authors")!.size, 6);
  assertEquals(found(await test.verify()), {});
});

Deno.test("embedded documents are counted against the source", async () => {
  await using test = await setup();
  await test.run({ maxChildren: 1 });

  const cut = await test.verify();
  await test.run();
  const whole = await test.verify();

  assertEquals(found(cut), { "books sum chapters": [null] });
  assertEquals(cut.entities[1]!.sums, { chapters: ["12", "6"] });
  assertEquals(cut.differences[0]!.sample[0], {
    sourceKey: null,
    targetKey: null,
    expected: "12",
    actual: "6",
  });
  assertEquals([whole.state, whole.entities[1]!.sums], ["clean", { chapters: ["12", "12"] }]);
});

Deno.test("a row that no longer computes is failing, and does not keep others from being compared", async () => {
  await using test = await setup();
  await test.run();
  await test.tamper("books", 2, { title: "Theirs" });
  await test.sql.unsafe(`
    alter view transform.library_books rename to library_books_given;
    create view transform.library_books with (security_invoker = true) as
    select source_key, source_row, pages,
      case when 1 / (pages - 101) is null then document else document end as document
    from transform.library_books_given;
    select landfall.close_doors();`);
  await test.sql`update staging.library_books set pages = 50 where id = 9`;

  const { differences } = await test.verify();

  assertEquals(
    differences.map(({ kind, name, sample }) => [kind, name, sample[0]!.sourceKey]),
    [["failing", "division by zero", "1"], ["value", "title", "2"]],
  );
});

Deno.test("a run's books are held against what it wrote", async () => {
  await using test = await setup();
  await test.run();
  await test.sql`update landfall.batches set inserted = inserted + 1, source = source + 1
    where entity_id = (select id from landfall.entities where pipeline = 'library'
      and name = 'books')`;

  assertEquals(found(await test.verify(1)), { "books count written": [null] });
});

Deno.test("a verification has the samples and the tables it is asked for, and many documents", async () => {
  await using test = await setup({ books: 1200 });
  await test.run();
  for (const key of [1, 2, 3, 1200]) await test.tamper("books", key, { pages: 0 });
  await test.tamper("authors", 1, null);

  const { differences, entities } = await test.verify(undefined, {
    samples: 2,
    tables: ["books"],
  });

  assertEquals(entities.map(({ entity, migrated }) => [entity, migrated]), [["books", 1200]]);
  assertEquals(differences.map(({ count, sample }) => [count, sample.length]), [[4, 2]]);
});

Deno.test("runs that write meanwhile, and runs rolled back, are told of (LF501)", async () => {
  await using test = await setup();
  await test.run();
  const { verificationId } = await test.engine.startVerification({ pipeline: "library" }, {});
  await test.engine.advanceVerification(verificationId, 1);
  await test.run();
  while ((await test.engine.advanceVerification(verificationId, 1)).state === "running");

  assertEquals(found(await test.engine.verificationReport(verificationId)), {
    "authors moved a run or a roll-back wrote meanwhile": [],
  });
  await test.undo(2);
  const refused = await test.verify(2).catch(({ code }) => code);
  assertEquals(refused, "LF501");
});
