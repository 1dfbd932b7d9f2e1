import { assertEquals, assertRejects } from "@std/assert";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { BSON } from "../../supabase/functions/_shared/sinks/mongodb.ts";
import { countsOf, reasonsOf, type Setup, setup } from "./documents.ts";

const THEIRS = { z: new BSON.Double(1), title: "Theirs", at: new Date(5), a: null };

/** Book 1 was there before; of what was written, 2 was changed and 3 was deleted since. */
async function met(): Promise<Setup> {
  const test = await setup({ books: 6 });
  await test.putBook(1, THEIRS);
  await test.export();
  await test.putBook(2, { title: "Changed" });
  await test.putBook(3);
  await test.sql`update staging.library_books set title = 'New' where id in (2, 3, 4)`;
  return test;
}

Deno.test("a document that is not ours, or has changed, is rejected with its reason unless told otherwise", async () => {
  await using test = await met();

  const report = await test.export({ onExisting: "reject" });

  assertEquals(countsOf(report), "1 updated, 2 unchanged, 3 rejected");
  assertEquals(reasonsOf(report.rejects), {
    "books has this document already, and Landfall did not write it": ["1"],
    "its document in books has changed since it was written": ["2"],
    "its document in books is gone: deleted since it was written": ["3"],
  });
  assertEquals((await test.book(1))?.title, "Theirs");
});

Deno.test("onExisting keep leaves them, and a roll-back does not touch them", async () => {
  await using test = await met();

  const report = await test.export({ onExisting: "keep" });
  const undone = await test.rollBack(report.runId!);

  assertEquals(countsOf(report), "1 updated, 4 unchanged, 1 rejected");
  assertEquals([(await test.book(1))?.title, (await test.book(2))?.title], ["Theirs", "Changed"]);
  assertEquals(undone.leftovers, []);
  assertEquals((await test.book(4))?.title, "Book 4");
});

Deno.test("onExisting update replaces them, and a roll-back restores them to the byte", async () => {
  await using test = await met();
  const bytes = () =>
    [...test.sink.collections.get("books")!]
      .sort(([one], [other]) => one < other ? -1 : 1);
  const before = bytes();

  const report = await test.export({ onExisting: "update" });
  assertEquals(countsOf(report), "1 inserted, 3 updated, 2 unchanged");
  assertEquals((await test.verify()).state, "clean");
  const preview = await test.engine.previewRollback(report.runId!, {});
  const undone = await test.rollBack(report.runId!);

  const told = ({ entities, leftovers }: typeof undone) => ({
    entities: entities.map((
      { entity, deleted, restored, left },
    ) => [entity, deleted, restored, left]),
    leftovers,
  });
  assertEquals(told(preview), told(undone));
  assertEquals(told(undone).entities, [["books", 1, 3, 0], ["authors", 0, 0, 0]]);
  assertEquals(bytes(), before);
});

Deno.test("a roll-back leaves what changed or is gone since, and takes it with force", async () => {
  for (const force of [false, true]) {
    await using test = await setup({ books: 4 });
    await test.export();
    await test.putBook(1, { title: "Changed" });
    await test.putBook(2);

    const { leftovers } = await test.rollBack(1, { force });

    assertEquals(reasonsOf(leftovers), force ? {} : { "it was changed since": ["1"] });
    assertEquals(test.sink.collections.get("books")!.size, force ? 0 : 1);
  }
});

Deno.test("start_rollback() of documents asks for the newest run first (LF401)", async () => {
  await using test = await setup({ books: 4 });
  await test.export();
  await test.sql`update staging.library_books set title = 'New' where id = 1`;
  await test.export();

  const error = await assertRejects(() => test.rollBack(1), LandfallError);
  assertEquals(error.code, "LF401");
  const { leftovers } = await test.rollBack(1, { anyOrder: true });

  assertEquals(reasonsOf(leftovers), { "run 2 has changed it since": ["1"] });
  await test.rollBack(2);
  assertEquals((await test.book(1))?.title, "Book 1");
});

Deno.test("some tables are rolled back, and what was rolled back is exported anew", async () => {
  await using test = await setup({ books: 4 });
  await test.export();

  const { state } = await test.rollBack(1, { tables: ["books"] });
  const again = await test.export();

  assertEquals(state, "completed");
  assertEquals([countsOf(again, "authors"), countsOf(again)], ["3 unchanged", "4 inserted"]);
});

Deno.test("verify() of documents names every kind of difference", async () => {
  await using test = await setup({ books: 12 });
  await test.export();
  await test.putBook(1, { title: "Changed" });
  await test.putBook(2);
  await test.sql`delete from staging.library_books where id = 3`;
  await test.sql`insert into staging.library_books values (20, 1, 'New', 1, 1, '{}')`;
  test.sink.collections.get("books")!.set("f".repeat(24), new Uint8Array());
  await test.sql`update staging.library_books set author_id = 99 where id = 4`;

  const { state, differences } = await test.verify();
  const some = await test.verify({ allowUnknown: true, tables: ["authors"] });

  assertEquals(state, "different");
  assertEquals(
    differences.map(({ kind, name, count }) => [kind, name, count]).sort(),
    [
      ["lost", "", 1],
      ["orphan", "author_id names no document of authors", 1],
      ["unknown", "", 1],
      ["unmigrated", "", 1],
      ["value", "author_id", 2],
      ["value", "chapters", 1],
      ["value", "pages", 1],
      ["value", "price", 1],
      ["value", "title", 1],
      ["vanished", "", 1],
    ],
  );
  assertEquals(some.state, "clean");
});

Deno.test("verify() shows both values, and withholds those of an entity with secrets", async () => {
  for (const secret of [false, true]) {
    await using test = await setup({ books: 4 });
    await test.export();
    const document = { ...await test.book(1), title: "Changed" };
    await test.putBook(1, document);
    if (secret) await test.sql`update landfall.entities set secret_fields = '{title}'`;

    const { differences } = await test.verify({}, 1);

    // numbers that the test read and wrote have lost their types
    const title = differences.find(({ name }) => name === "title")!;
    assertEquals(
      title.sample.map(({ sourceKey, expected, actual }) => [sourceKey, expected, actual]),
      [secret ? ["1", "withheld", "withheld"] : ["1", '"Book 1"', '"Changed"']],
    );
  }
});

Deno.test("verify() holds a row that was rejected since against what was written", async () => {
  await using test = await setup({ books: 4 });
  await test.export();
  await test.sql`update staging.library_books set author_id = 99 where id in (1, 2)`;
  await test.export();
  assertEquals((await test.verify()).state, "clean");
  await test.putBook(1, { title: "Changed" });

  const { differences, entities } = await test.verify();

  assertEquals(differences.map(({ kind, count }) => [kind, count]), [["changed", 1]]);
  assertEquals(entities.map(({ entity, migrated, rejected }) => [entity, migrated, rejected]), [
    ["authors", 3, 0],
    ["books", 2, 2],
  ]);
});

Deno.test("a run and its verification keep to the limit of children it was given", async () => {
  await using test = await setup({ books: 4 });

  await test.export({ maxChildren: 1 });
  assertEquals((await test.book(1))?.chapters, [{ title: "One" }]);
  const { differences } = await test.verify();
  const again = await test.export();

  // the query of the library's counts knows no limit
  assertEquals(differences.map(({ kind, name }) => [kind, name]), [["sum", "chapters"]]);
  assertEquals(countsOf(again), "4 updated");
});
