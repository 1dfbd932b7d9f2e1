import { assertEquals } from "@std/assert";
import { refusal } from "../support/refusal.ts";
import { counts, finishRollback, found, type Setup, setup } from "./documents.ts";

Deno.test("a roll-back deletes what was inserted and restores what was replaced, to the byte", async () => {
  await using test = await twice();
  const after = await test.undo(2);
  const first = test.contents();
  const again = await test.run();
  const undone = [await test.undo(3), await test.undo(1)];

  assertEquals(after, {
    state: "rolled_back",
    counts: { books: { deleted: 2, restored: 2 }, authors: { restored: 1 } },
    why: {},
  });
  assertEquals(first, test.first);
  assertEquals(counts(again), { authors: "1 updated, 2 unchanged", books: test.second });
  assertEquals(undone.map(({ state }) => state), ["rolled_back", "rolled_back"]);
  assertEquals(test.contents(), {});
  const rows = await test.sql`
    select 'lineage' from landfall.lineage union all select 'changes' from landfall.changes`;
  assertEquals(rows.length, 0);
});

Deno.test("a roll-back leaves what was changed or deleted since, and says why, unless forced", async () => {
  await using test = await twice();
  await test.tamper("books", 1, { title: "Theirs" });
  await test.tamper("books", 2, null);
  await test.tamper("books", 7, { title: "Theirs" });
  await test.tamper("books", 8, null);

  const undone = await test.undo(2);
  const state = [(await test.document("books", 1))!.title, await test.document("books", 2)];
  const forced = await test.undo(2, { force: true });

  assertEquals(undone, {
    state: "rolled_back",
    counts: { books: { released: 1, left: 3 }, authors: { restored: 1 } },
    why: { "it was changed since": ["1", "7"], "it was deleted since": ["2"] },
  });
  assertEquals(state, ["Theirs", undefined]);
  assertEquals(forced.counts, { books: { deleted: 1, restored: 2 }, authors: {} });
  assertEquals(forced.why, {});
  assertEquals(test.contents(), test.first);
});

Deno.test("the newest run is rolled back first, unless any order will do (LF401)", async () => {
  await using test = await twice();

  const refused = await refusal(test.service`select landfall.start_rollback(1)`);
  const older = await test.undo(1, { anyOrder: true });
  const newer = await test.undo(2);

  assertEquals([refused.code, refused.detail], [
    "LF401",
    "Run 2 has written the same tables and changed 3 of its rows.",
  ]);
  assertEquals(older.why, { "run 2 has changed it since": ["1", "2"] });
  assertEquals(older.counts, { books: { deleted: 4, left: 2 }, authors: { deleted: 2, left: 1 } });
  assertEquals(newer.counts, {
    books: { deleted: 2, restored: 2 },
    authors: { restored: 1 },
  });
  // what run 1 wrote is again as it wrote it, and can be undone once more
  assertEquals((await test.undo(1)).why, {});
  assertEquals(test.contents(), {});
});

Deno.test("force undoes an older run's documents with what newer runs made of them", async () => {
  await using test = await twice();

  const undone = await test.undo(1, { anyOrder: true, force: true });

  assertEquals(undone.counts, { books: { deleted: 6 }, authors: { deleted: 3 } });
  assertEquals((await test.undo(2)).counts, { books: { deleted: 2 }, authors: {} });
  assertEquals(test.contents(), {});
});

Deno.test("a roll-back of some tables leaves the others, and goes on with them later", async () => {
  await using test = await twice();

  const books = await test.undo(2, { tables: ["books"] });
  const { state } = await test.engine.runReport(2);
  const rest = await test.undo(2);

  assertEquals([books.state, state], ["completed", "completed"]);
  assertEquals(books.counts, { books: { deleted: 2, restored: 2 } });
  assertEquals([rest.state, rest.counts], ["rolled_back", { books: {}, authors: { restored: 1 } }]);
  assertEquals(test.contents(), test.first);
});

Deno.test("documents that were pruned are put back, unless others have taken their place", async () => {
  await using test = await setup();
  await test.run();
  const first = test.contents();
  await test.sql`delete from staging.library_books where id < 5`;
  const pruned = await test.run({ prune: true });
  await test.tamper("books", 2, { title: "Theirs" });
  const theirs = test.contents();

  const undone = await test.undo(2);

  assertEquals(counts(pruned).books, "2 unchanged, 4 pruned");
  assertEquals(undone, {
    state: "rolled_back",
    counts: { books: { restored: 3, left: 1 }, authors: {} },
    why: { "another document has taken its place": ["2"] },
  });
  const taken = Object.keys(theirs).find((id) => first[id] !== theirs[id])!;
  assertEquals(test.contents(), { ...first, [taken]: theirs[taken] });
  assertEquals((await test.undo(1)).counts.books, { deleted: 5 });
});

Deno.test("documents that were pruned and migrated again are the newer run's", async () => {
  await using test = await setup();
  await test.run();
  await test.sql`
    create table staging.kept as select * from staging.library_books where id in (1, 2)`;
  await test.sql`delete from staging.library_books where id in (1, 2)`;
  await test.run({ prune: true });
  await test.sql`insert into staging.library_books select * from staging.kept`;
  await test.run();

  const undone = await test.undo(2, { anyOrder: true });
  const first = await test.undo(1, { anyOrder: true });

  assertEquals(undone.why, { "run 3 has migrated it again": ["1", "2"] });
  assertEquals(first.counts.books, { deleted: 4 });
  assertEquals((await test.undo(3)).counts.books, { deleted: 2 });
  assertEquals(test.contents(), {});
});

Deno.test("a batch that is being written keeps its run from being rolled back (LF202)", async () => {
  await using test = await setup();
  const { runId } = await test.engine.startRun("library", {});
  for (let taken = false; !taken;) {
    taken = (await test.bare.takeDocuments(runId!, 1000)).batch !== null;
  }
  const running = await refusal(test.service`select landfall.start_rollback(${runId})`);
  await test.engine.cancelRun(runId!);

  const early = await refusal(test.service`select landfall.start_rollback(${runId})`);
  const preview = await refusal(test.service`select landfall.preview_rollback(${runId})`);
  await test.sql`update landfall.batches set leased_until = now()`;
  const undone = await test.undo(runId!);

  assertEquals([running.code, early.code, preview.code], ["LF206", "LF202", "LF202"]);
  assertEquals(undone.counts, { books: {}, authors: { released: 3 } });
});

Deno.test("a roll-back keeps other runs away, and cannot be joined with other options (LF402)", async () => {
  await using test = await twice();
  await test.engine.startRollback(2, {});

  const run = await refusal(test.service`select landfall.start_export('library')`);
  const dry = await refusal(test.service`select landfall.rehearse_export('library')`);
  const other = await refusal(
    test.service`select landfall.start_rollback(2, '{"force": true}')`,
  );
  const joined = await test.engine.startRollback(2, {});
  await finishRollback(test.engine, 2);
  const over = await test.engine.advanceRollback(2, 1);

  assertEquals([run.code, dry.code, other.code], ["LF202", "LF202", "LF402"]);
  assertEquals([joined.state, over.state], ["rolling_back", "rolled_back"]);
});

Deno.test("after a roll-back an export writes everything anew", async () => {
  await using test = await setup();
  await test.migrate();
  const first = test.contents();
  await test.undo(1);

  assertEquals(counts(await test.migrate()), { authors: "3 inserted", books: "6 inserted" });
  assertEquals(test.contents(), first);
  assertEquals(found(await test.verify()), {});
});

Deno.test("rejects that a run had settled are open again when it is rolled back", async () => {
  await using test = await setup();
  await test.sql`update staging.library_books set author_id = 9 where id = 2`;
  await test.run();
  await test.sql`update staging.library_books set author_id = 1 where id = 2`;
  await test.run();
  await test.undo(2);

  const open = await test.sql`select source_key from landfall.rejects where settled_by is null`;
  assertEquals(open.map(({ source_key }) => source_key), ["2"]);
  assertEquals(counts(await test.migrate({ retryRejects: true })).books, "1 inserted");
});

Deno.test("a roll-back of more documents than a batch has its places in order", async () => {
  await using test = await setup({ books: 1300 });
  await test.run();

  assertEquals((await test.undo(1)).counts.books, { deleted: 1300 });
  assertEquals(test.contents(), {});
});

/** A library that was exported twice: the second run replaced two books and added two. */
async function twice(): Promise<Setup & { first: Record<string, string>; second: string }> {
  const test = await setup();
  await test.run();
  const first = test.contents();
  await test.sql`update staging.library_books set title = 'New' where id in (1, 2)`;
  await test.sql`update staging.library_authors set name = 'New' where id = 1`;
  await test.sql`
    insert into staging.library_books
    select n, 1, 'Book ' || n, n, n, '{}' from generate_series(7, 8) as n`;
  const report = await test.run();
  return { ...test, first, second: counts(report).books! };
}
