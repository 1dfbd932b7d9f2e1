import { assertEquals, assertRejects } from "@std/assert";
import { documentEngine } from "../../supabase/functions/_shared/documents/document_engine.ts";
import type { Engine } from "../../supabase/functions/_shared/engine.ts";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { BSON } from "../../supabase/functions/_shared/sinks/mongodb.ts";
import type { DocumentSink } from "../../supabase/functions/_shared/sinks/document_sink.ts";
import { engineOn } from "../support/engine_on.ts";
import { countsOf, reasonsOf, type Setup, setup } from "./documents.ts";

/** What a worker calls, and so where it may die. */
const ENGINE_CALLS = [
  "takeDocuments",
  "noteDocuments",
  "settleDocuments",
  "notePruned",
  "settlePruned",
  "takeRollback",
  "settleRollback",
] as const;

class Died extends Error {}

/** A worker that dies when its nth step has taken effect. */
function mortal(test: Setup, nth: number): Engine {
  let steps = 0;
  let dead = false;
  async function step<Reply>(call: () => Promise<Reply>): Promise<Reply> {
    if (dead || ++steps > nth) {
      dead = true;
      throw new Died();
    }
    const reply = await call();
    if (steps === nth) {
      dead = true;
      throw new Died();
    }
    return reply;
  }
  const engine = engineOn(test.database.as("service_role"));
  const watched: Record<string, unknown> = { ...engine };
  for (const name of ENGINE_CALLS) {
    const call = engine[name] as (...args: unknown[]) => Promise<unknown>;
    watched[name] = (...args: unknown[]) => step(() => call(...args));
  }
  // a dead worker releases nothing
  watched.releaseDocuments = () => Promise.reject(new Died());
  const sink: DocumentSink = {
    ...test.sink,
    write: async (collection, writes) => {
      // half of a batch may be written when a worker dies
      const half = Math.ceil(writes.length / 2);
      const first = await step(() => test.sink.write(collection, writes.slice(0, half)));
      const second = await step(() => test.sink.write(collection, writes.slice(half)));
      return new Map([...first, ...second]);
    },
  };
  return documentEngine(watched as unknown as Engine, sink);
}

/** Time passes: whoever held a batch is overdue. */
async function endLeases({ sql }: Setup): Promise<void> {
  await sql`
    update landfall.batches set leased_until = clock_timestamp() where leased_until is not null`;
}

/** Lets a worker die at each of its steps in turn; returns how many steps there were. */
async function dieEverywhere(
  prepare: () => Promise<Setup>,
  work: (test: Setup, engine: Engine) => Promise<unknown>,
  goOn: (test: Setup) => Promise<unknown>,
  calm: unknown,
): Promise<number> {
  for (let nth = 1;; nth++) {
    await using test = await prepare();
    try {
      await work(test, mortal(test, nth));
      return nth - 1;
    } catch (error) {
      if (!(error instanceof Died)) throw error;
    }
    await endLeases(test);
    await goOn(test);
    assertEquals(await test.everything(), calm, `step ${nth}`);
  }
}

/** Two batches of books. */
const FEW = { authors: 1, books: 6 };

/** A run that died at its last step may have ended. */
async function cancel({ engine }: Setup, runId: number): Promise<void> {
  if ((await engine.runReport(runId)).state !== "completed") await engine.cancelRun(runId);
}

const options = { batchSize: 4, workers: 1 };

async function advance(engine: Engine, runId: number): Promise<void> {
  while ((await engine.advanceRun(runId, 100)).state === "running");
}

Deno.test("a worker may die at any step of a first export: what is continued ends like one undisturbed", async () => {
  await using calm = await setup(FEW);
  await calm.export(options);
  const end = await calm.everything();

  const deaths = await dieEverywhere(
    () => setup(FEW),
    async (test, engine) => {
      const { runId } = await test.engine.startRun("library", options);
      await advance(engine, runId!);
    },
    async (test) => {
      const report = await test.continue(1);
      assertEquals([report.state, countsOf(report)], ["completed", "6 inserted"]);
    },
    end,
  );

  assertEquals(deaths > 10, true, `${deaths}`);
});

async function second(): Promise<Setup> {
  const test = await setup(FEW);
  await test.putBook(3, { title: "Theirs" });
  await test.export({ ...options, onExisting: "update" });
  await test.sql`update staging.library_books set title = 'New' where id in (1, 2, 6)`;
  await test.sql`delete from staging.library_books where id in (4, 5)`;
  await test.sql`
    insert into staging.library_books values (9, 1, 'Added', 1, 1, '{}')`;
  return test;
}

Deno.test("a worker may die at any step of an export that replaces and prunes", async () => {
  await using calm = await second();
  await calm.export({ ...options, prune: true });
  const end = await calm.everything();

  const deaths = await dieEverywhere(
    second,
    async (test, engine) => {
      const { runId } = await test.engine.startRun("library", { ...options, prune: true });
      await advance(engine, runId!);
    },
    async (test) => {
      const report = await test.continue(2);
      assertEquals(countsOf(report), "1 inserted, 3 updated, 1 unchanged, 2 pruned");
      assertEquals((await test.verify()).state, "clean");
    },
    end,
  );

  assertEquals(deaths > 10, true, `${deaths}`);
});

Deno.test("a run that died anywhere is rolled back to what was there before", async () => {
  await using fresh = await second();
  const before = await fresh.everything();

  await dieEverywhere(
    second,
    async (test, engine) => {
      const { runId } = await test.engine.startRun("library", { ...options, prune: true });
      await advance(engine, runId!);
    },
    async (test) => {
      await cancel(test, 2);
      const { leftovers } = await test.rollBack(2);
      assertEquals(leftovers, []);
    },
    before,
  );
});

Deno.test("a run that died anywhere is followed by another, and both are rolled back in turn", async () => {
  await using fresh = await second();
  const before = await fresh.everything();

  await dieEverywhere(
    second,
    async (test, engine) => {
      const { runId } = await test.engine.startRun("library", { ...options, prune: true });
      await advance(engine, runId!);
    },
    async (test) => {
      await cancel(test, 2);
      await test.sql`update staging.library_books set title = 'Newer' where id in (2, 7)`;
      const report = await test.export({ ...options, prune: true });
      assertEquals(report.rejects, []);
      assertEquals((await test.verify()).state, "clean");
      assertEquals((await test.rollBack(3)).leftovers, []);
      assertEquals((await test.rollBack(2)).leftovers, []);
    },
    before,
  );
});

Deno.test("a worker may die at any step of a roll-back", async () => {
  const prepare = async () => {
    const test = await second();
    await test.export({ ...options, prune: true });
    return test;
  };
  await using calm = await prepare();
  await calm.rollBack(2);
  const end = await calm.everything();

  await dieEverywhere(
    prepare,
    async (_, engine) => {
      await engine.startRollback(2, {});
      while ((await engine.advanceRollback(2, 100)).state === "rolling_back");
    },
    async (test) => {
      const { state, leftovers } = await test.rollBack(2);
      assertEquals({ state, leftovers }, { state: "rolled_back", leftovers: [] });
    },
    end,
  );
});

Deno.test("a worker that is overdue has no say, and what it writes late does no harm", async () => {
  await using test = await setup({ books: 4 });
  await test.export({ tables: ["authors"] });
  const engine = engineOn(test.database.as("service_role"));
  const { runId } = await engine.startExport("library", {});
  let work = await engine.takeDocuments(runId!, 100);
  while (work.batch === null) work = await engine.takeDocuments(runId!, 100);
  const { batch } = work;
  await endLeases(test);
  await test.sql`update staging.library_books set title = 'Newer' where id = 2`;

  await test.continue(runId!);
  const late = await test.sink.write(
    "books",
    batch.operations.map(({ id, document }) => ({ kind: "insert", id, document })),
  );
  const lease = { ...batch, runId: runId! };
  const settled = await engine.settleDocuments(lease, { updated: [], kept: [], rejected: [] });

  assertEquals([...late.values()].map(({ kind }) => kind), Array(4).fill("conflict"));
  assertEquals(settled, false);
  assertEquals((await test.book(2))?.title, "Newer");
  assertEquals((await test.verify()).state, "clean");
});

Deno.test("a worker of a run that was given up has no say when another run has begun", async () => {
  await using test = await setup({ books: 4 });
  await test.export();
  await test.sql`update staging.library_books set title = 'New'`;
  const engine = engineOn(test.database.as("service_role"));
  const { runId } = await engine.startExport("library", {});
  let work = await engine.takeDocuments(runId!, 100);
  while (work.batch === null) work = await engine.takeDocuments(runId!, 100);
  await engine.cancelRun(runId!);

  const report = await test.export();
  const before = await test.everything();
  const rejected = work.batch.operations.map(({ sourceKey, id }) => ({
    sourceKey,
    id,
    reasons: ["too late"],
    details: [],
  }));
  const settled = await engine.settleDocuments(
    { ...work.batch, runId: runId! },
    { updated: [], kept: [], rejected },
  );

  assertEquals([countsOf(report), settled], ["4 updated", false]);
  assertEquals(await test.everything(), before);
});

Deno.test("two rows of one _id, in batches of two workers at once, are told apart", async () => {
  await using test = await setup({ authors: 1, books: 60 });
  await test.sql.unsafe(`
    create or replace view transform.library_books with (security_invoker = true) as
    select id::text as source_key, to_jsonb(legacy) as source_row, pages,
      json_build_object('_id', json_build_object('$oid', left(md5('x' || id % 30), 24)),
        'title', title) as document
    from staging.library_books as legacy`);

  const report = await test.export({ batchSize: 1, workers: 4 });

  assertEquals(countsOf(report), "30 inserted, 30 rejected");
});

Deno.test("start_rollback() waits for a batch that is being written (LF202)", async () => {
  await using test = await setup();
  const engine = engineOn(test.database.as("service_role"));
  const { runId } = await engine.startExport("library", {});
  while ((await engine.takeDocuments(runId!, 100)).batch === null);
  await engine.cancelRun(runId!);

  const error = await assertRejects(() => engine.startRollback(runId!, {}), LandfallError);
  assertEquals(error.code, "LF202");

  await endLeases(test);
  assertEquals((await test.rollBack(runId!)).state, "rolled_back");
});

Deno.test("a document that others write between a look and a write is looked at again, and never overwritten", async () => {
  await using test = await setup({ books: 4 });
  await test.export();
  await test.sql`update staging.library_books set title = 'New'`;
  let times = 0;
  test.sink.beforeWrite = (write) => {
    if (write.kind !== "replace" || times > 0) return;
    times++;
    const theirs = { _id: new BSON.ObjectId(write.id), title: "Theirs" };
    test.sink.collections.get("books")!.set(write.id, BSON.serialize(theirs));
  };

  const report = await test.export({ workers: 1 });

  assertEquals(countsOf(report), "3 updated, 1 rejected");
  assertEquals(Object.keys(reasonsOf(report.rejects)), [
    "its document in books has changed since it was written",
  ]);
});
