import { assertEquals } from "@std/assert";
import { counts, reasons, type Setup, setup } from "./documents.ts";

Deno.test("a document that is there and not ours is rejected, unless told otherwise", async () => {
  await using test = await taken();
  const before = test.contents();

  const report = await test.migrate();

  assertEquals(counts(report).books, "4 inserted, 2 rejected");
  assertEquals(reasons(report.rejects), {
    "books has this document already, and Landfall did not write it": ["1", "2"],
  });
  for (const [id, bytes] of Object.entries(before)) assertEquals(test.contents()[id], bytes);
  await test.tamper("books", 1, null);
  assertEquals(counts(await test.migrate({ retryRejects: true })).books, "1 inserted, 1 rejected");
  assertEquals((await test.undo(2)).counts.books, { deleted: 1 });
  assertEquals((await test.undo(1)).counts, { books: { deleted: 4 }, authors: { deleted: 3 } });
  assertEquals(Object.keys(test.contents()).length, 1);
});

Deno.test("keep leaves the document, counts it unchanged ever after, and roll-back leaves it", async () => {
  await using test = await taken();
  const before = test.contents();

  const report = await test.migrate({ onExisting: "keep" });
  const again = await test.migrate();
  await test.sql`update staging.library_books set title = 'New' where id = 1`;
  const changed = await test.migrate({ onExisting: "keep" });

  assertEquals(counts(report).books, "4 inserted, 2 unchanged");
  assertEquals(counts(again).books, "6 unchanged");
  assertEquals(counts(changed).books, "6 unchanged");
  const { state, entities, differences } = await test.verify();
  assertEquals([state, entities[1]!.kept, differences], ["clean", 2, []]);
  assertEquals((await test.undo(1)).counts, {
    books: { deleted: 4, released: 2 },
    authors: { deleted: 3 },
  });
  assertEquals(test.contents(), before);
});

Deno.test("update keeps the document's bytes, and roll-back puts them back", async () => {
  await using test = await taken();
  const before = test.contents();

  const report = await test.migrate({ onExisting: "update" });
  const replaced = await test.document("books", 1);

  assertEquals(counts(report).books, "4 inserted, 2 updated");
  assertEquals([replaced!.title, "theirs" in replaced!], ["Book 1", false]);
  assertEquals((await test.verify()).state, "clean");
  assertEquals((await test.undo(1)).counts, {
    books: { deleted: 4, restored: 2 },
    authors: { deleted: 3 },
  });
  assertEquals(test.contents(), before);
});

Deno.test("a document that is there already as it is to be is adopted, and survives roll-back", async () => {
  await using test = await setup();
  await test.run();
  await test.sql`truncate landfall.runs, landfall.lineage cascade`;
  const before = test.contents();
  const written = new Set<string>();
  test.sink.beforeWrite = ({ kind }) => written.add(kind);

  const report = await test.migrate({ onExisting: "update" });

  assertEquals(counts(report), { authors: "3 updated", books: "6 updated" });
  assertEquals((await test.undo(1)).counts, { books: { restored: 6 }, authors: { restored: 3 } });
  // an insert that finds a document in its place writes nothing
  assertEquals([...written], ["insert"]);
  assertEquals(test.contents(), before);
});

Deno.test("an export with prune that finds only adopted documents leaves them all, and says so", async () => {
  await using test = await setup();
  await test.run();
  await test.sql`truncate landfall.runs, landfall.lineage cascade`;
  await test.run({ onExisting: "update" });
  const before = test.contents();
  await test.sql`delete from staging.library_books where id < 3`;

  const report = await test.migrate({ prune: true });

  assertEquals(counts(report).books, "4 unchanged");
  assertEquals(reasons(report.leftovers), { "it was there before it was migrated": ["1", "2"] });
  assertEquals(test.contents(), before);
});

Deno.test("a document that somebody changed since is rejected, kept, or updated", async () => {
  for (const onExisting of ["reject", "keep", "update"]) {
    await using test = await setup();
    await test.migrate();
    await test.tamper("books", 1, { title: "Theirs", more: [1] });
    await test.tamper("books", 2, { title: "Theirs" });
    const before = test.contents();
    // of the second the source is as it was, and nobody looks
    await test.sql`update staging.library_books set title = 'New' where id in (1, 3)`;

    const report = await test.migrate({ onExisting });

    const expected = { reject: "1 rejected", keep: "", update: "" }[onExisting];
    assertEquals(
      counts(report).books,
      [
        `${onExisting === "update" ? 2 : 1} updated`,
        `${onExisting === "keep" ? 5 : 4} unchanged`,
        expected,
      ].filter(Boolean).join(", "),
    );
    assertEquals(
      reasons(report.rejects),
      onExisting === "reject"
        ? { "its document in books has changed since it was written": ["1"] }
        : {},
    );
    assertEquals(
      (await test.document("books", 1))!.title,
      onExisting === "update" ? "New" : "Theirs",
    );
    assertEquals((await test.document("books", 2))!.title, "Theirs");

    const { counts: undone } = await test.undo(2);
    assertEquals(undone.books, { restored: onExisting === "update" ? 2 : 1 });
    assertEquals(test.contents(), before, onExisting);
    assertEquals((await test.undo(1)).why, { "it was changed since": ["1", "2"] });
  }
});

Deno.test("a document that somebody deleted since is rejected, kept away, or written again", async () => {
  for (const onExisting of ["reject", "keep", "update"]) {
    await using test = await setup();
    await test.migrate();
    await test.tamper("books", 1, null);
    await test.tamper("books", 2, null);
    const before = test.contents();
    await test.sql`update staging.library_books set title = 'New' where id = 1`;

    const report = await test.migrate({ onExisting });

    if (onExisting === "update") {
      assertEquals(counts(report).books, "1 inserted, 5 unchanged");
      assertEquals((await test.document("books", 1))!.title, "New");
    } else {
      assertEquals(counts(report).books, "5 unchanged, 1 rejected");
      assertEquals(reasons(report.rejects), {
        "its document in books is gone: deleted since it was written": ["1"],
      });
    }
    assertEquals(await test.document("books", 2), undefined);
    await test.undo(2);
    assertEquals(test.contents(), before, onExisting);
    await test.undo(1);
    assertEquals(test.contents(), {});
  }
});

Deno.test("a document that was adopted, and deleted by its owner, is ours when it is written again", async () => {
  await using test = await taken();
  await test.migrate({ onExisting: "update" });
  await test.tamper("books", 1, null);
  await test.sql`update staging.library_books set title = 'New' where id = 1`;

  const report = await test.migrate({ onExisting: "update" });
  const undone = await test.undo(2);

  assertEquals(counts(report).books, "1 inserted, 5 unchanged");
  assertEquals(undone.counts.books, { deleted: 1 });
  assertEquals(await test.document("books", 1), undefined);
});

Deno.test("a document that is always changed between the look and the write is left to others", async () => {
  await using test = await setup();
  await test.run();
  await test.sql`update staging.library_books set title = 'New' where id = 1`;
  let changes = 0;
  const { write } = test.sink;
  test.sink.write = async (collection, writes) => {
    await test.tamper("books", 1, { title: `Theirs ${++changes}` });
    return await write(collection, writes);
  };

  const report = await test.run({ onExisting: "update" });
  test.sink.write = write;

  assertEquals(changes, 3);
  assertEquals(reasons(report.rejects), {
    "its document in books is being changed all the time": ["1"],
  });
  assertEquals((await test.undo(1)).why, { "it was changed since": ["1"] });
});

Deno.test("what is changed between the look and the write is looked at again", async () => {
  for (const fields of [{ title: "Theirs" }, null]) {
    await using test = await taken();
    let changed = false;
    const { write } = test.sink;
    test.sink.write = async (collection, writes) => {
      if (collection === "books" && !changed) {
        changed = true;
        // book 1 has been noted as it was
        await test.tamper("books", 1, fields);
      }
      return await write(collection, writes);
    };
    const report = await test.run({ onExisting: "update" });
    const undone = await test.undo(1);

    assertEquals(counts(report).books, `${fields ? 4 : 5} inserted, ${fields ? 2 : 1} updated`);
    assertEquals(
      undone.counts.books,
      fields ? { deleted: 4, restored: 2 } : { deleted: 5, restored: 1 },
    );
    assertEquals((await test.document("books", 1))?.title, fields?.title);
  }
});

/** A library of which two books are there already, one of them in another order of fields. */
async function taken(): Promise<Setup> {
  const test = await setup();
  await test.tamper("books", 1, { theirs: new Date(0), title: "Theirs", pages: 1.5, "": [null] });
  await test.tamper("books", 2, { title: "Theirs, too", deep: { b: 1, a: { z: [], y: 2n } } });
  return test;
}
