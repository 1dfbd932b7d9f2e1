import { assertEquals } from "@std/assert";
import { documentEngine } from "../../supabase/functions/_shared/documents/document_engine.ts";
import type { DocumentWork } from "../../supabase/functions/_shared/document_replies.ts";
import type { Engine, Lease } from "../../supabase/functions/_shared/engine.ts";
import type { DocumentSink } from "../../supabase/functions/_shared/sinks/document_sink.ts";
import { counts, finish, found, reasons, type Setup, setup } from "./documents.ts";

Deno.test("a batch is given out again when its lease is over, and not before", async () => {
  await using test = await setup();
  await test.engine.startRun("library", {});

  const first = await take(test, 1, 100);
  const early = await takeAny(test, 1);
  await new Promise((resolve) => setTimeout(resolve, 120));
  const second = await take(test, 1, 60_000);
  const again = await takeAny(test, 1);

  assertEquals([first.seq, second.seq, first.token === second.token], [1, 1, false]);
  assertEquals([early.batch, early.idle, again.batch, again.idle], [null, true, null, true]);
  assertEquals(first.operations.map(({ pending }) => pending), [false, false, false]);
  assertEquals(second.operations.map(({ pending }) => pending), [true, true, true]);
});

Deno.test("a batch that is given back is given out at once", async () => {
  await using test = await setup();
  await test.engine.startRun("library", {});
  const first = await take(test, 1);

  await test.bare.releaseDocuments(lease(1, first));
  const second = await take(test, 1);

  assertEquals(second.entityId, first.entityId);
  assertEquals(await test.bare.settleDocuments(lease(1, first), NOTHING), false);
  assertEquals(await test.bare.settleDocuments(lease(1, second), NOTHING), true);
  assertEquals(await test.bare.settleDocuments(lease(1, second), NOTHING), false);
});

Deno.test("a worker whose call fails gives its batch back, and the next call goes on", async () => {
  await using test = await setup();
  test.sink.beforeWrite = () => {
    throw new Error("the connection broke");
  };
  const failed = await test.run().catch(({ message }) => message);
  test.sink.beforeWrite = () => {};

  const begun = performance.now();
  const report = await finish(test.engine, 1);

  assertEquals([failed, report.state], ["the connection broke", "completed"]);
  assertEquals(performance.now() - begun < 10_000, true);
});

Deno.test("a worker that is overdue has no say, and what it writes late does no harm", async () => {
  for (const point of ["before it notes", "before it writes", "before it settles"]) {
    await using test = await changed();
    await test.engine.startRun("library", { onExisting: "update" });
    const late = held(test, point);
    const working = finish(late.engine, 2);
    await late.isHeld;
    await leasesEnd(test);
    const report = await finish(test.engine, 2);
    const contents = test.contents();
    const books = await lineage(test);

    late.goOn();
    await working;

    assertEquals(counts(report).books, "1 inserted, 2 updated, 4 unchanged", point);
    assertEquals(test.contents(), contents, point);
    assertEquals(await lineage(test), books, point);
    assertEquals(found(await test.verify()), {}, point);
    await test.undo(2);
    assertEquals((await test.document("books", 2))!.title, "Theirs");
    assertEquals(await test.document("books", 7), undefined);
  }
});

Deno.test("a worker that is overdue cannot replace anything once its run is rolled back", async () => {
  await using test = await changed();
  const before = test.contents();
  await test.engine.startRun("library", { onExisting: "update" });
  const late = held(test, "before it notes");
  const working = finish(late.engine, 2).catch(() => {});
  await late.isHeld;
  await test.engine.cancelRun(2);
  await leasesEnd(test);
  const undone = await test.undo(2);

  late.goOn();
  await working;

  assertEquals(undone.state, "rolled_back");
  const images = await test.sql`select from landfall.changes where before_image <> '{}'`;
  assertEquals(images.length, 0);
  assertEquals(test.contents(), before);
});

Deno.test("two workers that prune the same documents, or undo them, count them once", async () => {
  await using test = await setup();
  await test.run();
  await test.sql`delete from staging.library_books where id < 4`;
  await test.engine.startRun("library", { prune: true });

  await together(test, (engine) => finish(engine, 2));
  const report = await test.engine.runReport(2);
  await test.engine.startRollback(2, {});
  await together(test, async (engine) => {
    while ((await engine.advanceRollback(2, 1)).state === "rolling_back");
  });
  const undone = await test.engine.rollbackReport(2);
  await test.engine.startRollback(1, {});
  await together(test, async (engine) => {
    while ((await engine.advanceRollback(1, 1)).state === "rolling_back");
  });

  assertEquals(counts(report).books, "3 unchanged, 3 pruned");
  assertEquals(reasons(report.leftovers), {});
  assertEquals(undone.entities.map(({ restored, left }) => [restored, left]), [[3, 0], [0, 0]]);
  assertEquals(undone.leftovers, []);
  assertEquals(test.contents(), {});
});

Deno.test("a source row that changes between a crash and the next attempt is written as it is then", async () => {
  await using test = await changed();
  await test.sql`update staging.library_books set title = 'Newer' where id = 4`;
  const before = test.contents();
  await test.engine.startRun("library", { onExisting: "update" });
  // twice somebody dies, and each time the source has changed
  for (const [title, dies] of [["Once", "after"], ["Twice", "before"], ["Thrice", "after"]]) {
    await test.sql`
      update staging.library_books set title = ${title!} where id in (1, 2, 4, 7)`;
    const late = held(test, dies === "after" ? "before it settles" : "before it writes");
    finish(late.engine, 2).catch(() => {});
    await late.isHeld;
    await leasesEnd(test);
  }
  await test.sql`update staging.library_books set title = 'Last' where id in (1, 2, 7)`;

  const report = await finish(test.engine, 2);

  assertEquals(counts(report).books, "1 inserted, 3 updated, 3 unchanged");
  assertEquals(found(await test.verify()), {});
  const hashes = await test.sql`select from landfall.lineage where stored_hash is not null`;
  assertEquals(hashes.length, 0);
  await test.undo(2);
  assertEquals(test.contents(), before);
});

Deno.test("a document that is replaced, and whose source vanishes after a crash, is put back as it was", async () => {
  await using test = await changed();
  const before = test.contents();
  await test.engine.startRun("library", { onExisting: "update", prune: true });
  const late = held(test, "before it settles");
  finish(late.engine, 2).catch(() => {});
  await late.isHeld;
  await leasesEnd(test);
  await test.sql`delete from staging.library_books where id in (1, 2, 7)`;

  const report = await finish(test.engine, 2);
  const there = Object.keys(test.contents()).length;
  await test.undo(2);

  assertEquals(counts(report).books, "4 unchanged, 3 pruned");
  assertEquals(there, Object.keys(before).length - 2);
  assertEquals(test.contents(), before);
});

Deno.test("a source row that is rejected after a crash leaves its document as it was, or none", async () => {
  for (const point of ["before it writes", "before it settles"]) {
    await using test = await changed();
    await test.sql`
      select landfall.define_rule('library', 'books', 'pages', 'reject', 'it has no pages',
        condition => 'pages > 0')`;
    const before = test.contents();
    await test.engine.startRun("library", {});
    const late = held(test, point);
    finish(late.engine, 2).catch(() => {});
    await late.isHeld;
    await leasesEnd(test);
    await test.sql`update staging.library_books set pages = -pages where id in (1, 7)`;

    const report = await finish(test.engine, 2);
    const written = (await test.document("books", 1))!.title;

    assertEquals(reasons(report.rejects), {
      "it has no pages": ["1", "7"],
      "its document in books has changed since it was written": ["2"],
    }, point);
    assertEquals(written, point === "before it writes" ? "Book 1" : "New");
    assertEquals(await test.document("books", 7), undefined);
    await test.sql`update staging.library_books set pages = -pages where id in (1, 7)`;
    await test.run();
    assertEquals((await test.document("books", 1))!.title, "New");
    assertEquals((await test.document("books", 7))!.title, "Book 7");
    await test.undo(3);
    await test.undo(2);
    assertEquals(test.contents(), before, point);
  }
});

const NOTHING = { updated: [], kept: [], rejected: [] };

/** Books of which one was changed in the source, one by somebody too, and one is new. */
async function changed(): Promise<Setup> {
  const test = await setup();
  await test.run();
  await test.sql`update staging.library_books set title = 'New' where id in (1, 2)`;
  await test.tamper("books", 2, { title: "Theirs" });
  await test.sql`
    insert into staging.library_books values (7, 1, 'Book 7', 7, 7, '{}')`;
  return test;
}

interface Held {
  readonly engine: Engine;
  readonly isHeld: Promise<void>;
  goOn(): void;
}

/** A worker who is held up once, with a batch of books. */
function held({ bare, sink }: Setup, point: string): Held {
  const { promise: isHeld, resolve: tell } = Promise.withResolvers<void>();
  const { promise: release, resolve: goOn } = Promise.withResolvers<void>();
  const wait = async (here: string) => {
    if (here !== point) return;
    tell();
    await release;
  };
  const slow: Engine = {
    ...bare,
    noteDocuments: async (...given) => {
      await wait("before it notes");
      return await bare.noteDocuments(...given);
    },
    settleDocuments: async (...given) => {
      await wait("before it settles");
      return await bare.settleDocuments(...given);
    },
  };
  const late: DocumentSink = {
    ...sink,
    write: async (collection, writes) => {
      await wait("before it writes");
      return await sink.write(collection, writes);
    },
  };
  return { engine: documentEngine(slow, late), isHeld, goOn };
}

/** Has two workers take the same work before either of them does it. */
async function together(
  { bare, sink }: Setup,
  work: (engine: Engine) => Promise<unknown>,
): Promise<void> {
  let waiting: (() => void)[] = [];
  const meet = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push(resolve);
    const all = waiting;
    if (all.length === 2) {
      waiting = [];
      for (const go of all) go();
    } else setTimeout(resolve, 200);
    return promise;
  };
  const both: DocumentSink = {
    ...sink,
    write: async (collection, writes) => {
      await meet();
      return await sink.write(collection, writes);
    },
  };
  await Promise.all([work(documentEngine(bare, both)), work(documentEngine(bare, both))]);
}

type Batch = NonNullable<DocumentWork["batch"]>;

async function takeAny({ service }: Setup, runId: number, leaseMs = 60_000) {
  const [row] = await service`
    select landfall.take_documents(${runId}, 1000, ${leaseMs}) as work`;
  return row!.work as DocumentWork;
}

/** Takes until there is a batch. */
async function take(test: Setup, runId: number, leaseMs?: number): Promise<Batch> {
  for (;;) {
    const { batch } = await takeAny(test, runId, leaseMs);
    if (batch) return batch;
  }
}

function lease(runId: number, { entityId, seq, token }: Batch): Lease {
  return { runId, entityId, seq, token };
}

async function leasesEnd({ sql }: Setup): Promise<void> {
  await sql`update landfall.batches set leased_until = now() where not done`;
}

async function lineage({ sql }: Setup): Promise<unknown[]> {
  return [
    ...await sql`
      select lineage.*, changes.before_image
      from landfall.lineage left join landfall.changes using (run_id, entity_id, source_key)
      order by entity_id, source_key`,
  ];
}
