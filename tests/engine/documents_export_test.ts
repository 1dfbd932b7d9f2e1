import { assertEquals } from "@std/assert";
import { counts, finish, reasons, setup } from "./documents.ts";

Deno.test("a first export writes all documents, and a second one writes nothing", async () => {
  await using test = await setup();

  const first = await test.migrate();
  const before = test.contents();
  test.sink.beforeWrite = ({ id }) => {
    throw new Error(`${id} is written`);
  };
  const second = await test.migrate();

  assertEquals([first.state, second.state], ["completed", "completed"]);
  assertEquals(counts(first), { authors: "3 inserted", books: "6 inserted" });
  assertEquals(counts(second), { authors: "3 unchanged", books: "6 unchanged" });
  assertEquals(Object.keys(before).length, 9);
  assertEquals(test.contents(), before);
  const { title, pages, chapters } = (await test.document("books", 1))!;
  assertEquals({ title, pages, chapters }, {
    title: "Book 1",
    pages: 101,
    chapters: [{ title: "One" }, { title: "Two" }],
  });
});

Deno.test("an export replaces only what has changed in the source", async () => {
  await using test = await setup();
  await test.migrate();
  await test.sql`update staging.library_books set title = 'New' where id in (2, 4)`;
  // what is equal in jsonb is equal: 1.50 and 1.5 are not
  await test.sql`update staging.library_books set price = 1.5 where id = 1`;
  const written: string[] = [];
  test.sink.beforeWrite = ({ kind }) => written.push(kind);

  const report = await test.migrate();

  assertEquals(counts(report).books, "3 updated, 3 unchanged");
  assertEquals(written, ["replace", "replace", "replace"]);
  assertEquals((await test.document("books", 4))!.title, "New");
});

Deno.test("what has vanished is a finding, and only an export with prune deletes it", async () => {
  await using test = await setup();
  await test.migrate();
  await test.sql`delete from staging.library_books where id in (3, 5, 6)`;
  await test.sql`delete from staging.library_authors where id = 1`;

  const seen = await test.migrate();
  const still = Object.keys(test.contents()).length;
  await test.sql`insert into staging.library_authors values (1, 'Again', null)`;
  await test.sql`
    update staging.library_authors set born = date '1950-01-02', name = 'Author 1' where id = 1`;
  const pruned = await test.migrate({ prune: true });

  assertEquals(reasons(seen.findings.filter(({ finding }) => finding === "vanished")), {
    "migrated before, and no longer in the source": ["3", "5", "6"],
  });
  assertEquals(still, 9);
  assertEquals(counts(pruned), { authors: "3 unchanged", books: "3 unchanged, 3 pruned" });
  assertEquals(Object.keys(test.contents()).length, 6);
  assertEquals(reasons((await test.migrate()).findings), {});
});

Deno.test("an export with prune leaves what was changed, or was there before, and says so", async () => {
  await using test = await setup();
  await test.tamper("books", 1, { title: "Theirs" });
  await test.run({ onExisting: "update" });
  await test.tamper("books", 2, { title: "Changed" });
  await test.tamper("books", 3, null);
  await test.sql`delete from staging.library_books where id < 5`;

  const report = await test.run({ prune: true });

  assertEquals(counts(report).books, "2 unchanged, 1 pruned");
  assertEquals(reasons(report.leftovers), {
    "it was changed since": ["2"],
    "it was there before it was migrated": ["1"],
  });
  assertEquals((await test.document("books", 2))!.title, "Changed");
  assertEquals(await test.document("books", 4), undefined);
});

Deno.test("a run of some tables needs the parents of what it writes to be there (LF205)", async () => {
  await using test = await setup();

  const refused = await test.run({ tables: ["books"] }).catch(({ code }) => code);
  const authors = await test.migrate({ tables: ["authors"] });
  const books = await test.migrate({ tables: ["books"] });

  assertEquals(refused, "LF205");
  assertEquals([counts(authors), counts(books)], [
    { authors: "3 inserted" },
    { books: "6 inserted" },
  ]);
});

Deno.test("limit takes the first rows of each entity, and looks at no others", async () => {
  await using test = await setup();
  await test.tamper("books", 2, { title: "Theirs" });
  await test.tamper("books", 5, { title: "Theirs" });

  const report = await test.migrate({ limit: 3 });

  assertEquals(counts(report), { authors: "3 inserted", books: "2 inserted, 1 rejected" });
  assertEquals(counts(await test.migrate()).books, "2 inserted, 2 unchanged, 2 rejected");
});

Deno.test("several workers and small batches end like one", async () => {
  await using one = await setup({ books: 40 });
  await using many = await setup({ books: 40 });
  await one.run();

  for (const workers of [2, 3]) {
    const report = await many.run({ batchSize: 3, workers });

    assertEquals(counts(report).books, workers === 2 ? "40 inserted" : "40 unchanged");
  }
  assertEquals(many.contents(), one.contents());
  const [row] = await many.sql`
    select count(*)::int as batches from landfall.batches where run_id = 1`;
  assertEquals(row!.batches, 15);
});

Deno.test("maxChildren cuts what a document embeds, and is told to the transform alone", async () => {
  await using test = await setup();

  await test.migrate({ maxChildren: 1 });

  assertEquals((await test.document("books", 1))!.chapters, [{ title: "One" }]);
  assertEquals(counts(await test.migrate({ maxChildren: 1 })).books, "6 unchanged");
  assertEquals(counts(await test.migrate()).books, "6 updated");
  assertEquals((await test.document("books", 1))!.chapters.length, 2);
  assertEquals(counts(await test.migrate({ maxChildren: 0 })).books, "6 updated");
});

Deno.test("rejects past maxRejects stop an export, which goes on when it is resumed (LF211)", async () => {
  await using test = await setup({ books: 12 });
  test.sink.refuse = (_collection, { title }) => title?.endsWith("1") ? "it ends in 1" : undefined;

  const stopped = await test.run({ maxRejects: "1", batchSize: 2 });
  test.sink.refuse = () => undefined;
  await test.engine.resumeRun(stopped.runId!);
  const report = await finish(test.engine, stopped.runId!);

  assertEquals([stopped.state, stopped.error?.code], ["failed", "LF211"]);
  assertEquals(reasons(stopped.rejects), { "it ends in 1": ["1", "11"] });
  assertEquals(report.entities[1]!.source >= 4, true);
});

Deno.test("what the database refuses is rejected alone, and taken by a run that retries", async () => {
  await using test = await setup();
  test.sink.refuse = (_collection, { title }) =>
    title === "Book 2" ? "the validator of books refuses it" : undefined;
  const report = await test.run();
  test.sink.refuse = () => undefined;
  await test.sql`update staging.library_books set title = 'Other' where id = 3`;

  const retried = await test.migrate({ retryRejects: true });

  assertEquals(counts(report).books, "5 inserted, 1 rejected");
  assertEquals(reasons(report.rejects), { "the validator of books refuses it": ["2"] });
  assertEquals(counts(retried), { authors: "", books: "1 inserted" });
  const [open] = await test.sql`
    select count(*)::int as rows from landfall.rejects where settled_by is null`;
  assertEquals(open!.rows, 0);
});
