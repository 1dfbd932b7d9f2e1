import { assert, assertEquals } from "@std/assert";
import { documentEngine } from "../../supabase/functions/_shared/documents/document_engine.ts";
import { type Dying, dying } from "./dying.ts";
import { finish, finishRollback, found, type Setup, setup } from "./documents.ts";

/** What an export, or a roll-back, does to a library in which there is something of everything. */
const WORK: Record<string, Work> = {
  "an export": {
    prepare: async (test) => {
      await test.bare.startExport("library", OPTIONS);
    },
    run: async (engine) => {
      await finish(engine, 2);
    },
  },
  "a roll-back": {
    prepare: async (test) => {
      await test.run(OPTIONS);
      await test.tamper("books", 9, { title: "Theirs" });
      await test.bare.startRollback(2, {});
    },
    run: async (engine) => {
      await finishRollback(engine, 2);
    },
  },
};

const OPTIONS = { onExisting: "update", batchSize: 3, prune: true, workers: 1 };

interface Work {
  readonly prepare: (test: Setup) => Promise<void>;
  readonly run: (engine: Setup["engine"]) => Promise<void>;
}

for (const [name, { prepare, run }] of Object.entries(WORK)) {
  Deno.test(`${name} that dies at any step, and is continued, ends like one undisturbed`, async () => {
    await using test = await setup({ books: 9 });
    await test.run();
    await change(test);
    await prepare(test);
    const start = await save(test);
    await run(test.engine);
    const expected = await endState(test);
    const differences = found(await test.verify());

    let step = 0;
    for (;; step++) {
      await start.restore();
      const died = await die(dying(test, step), run);
      await leasesEnd(test);
      await run(test.engine);

      assertEquals(await endState(test), expected, `step ${step}`);
      if (!died) break;
    }
    assert(step > 15, `${step} steps`);
    assertEquals(found(await test.verify()), differences);
  });
}

Deno.test("after an export that died at any step, and another, roll-backs leave what was there", async () => {
  await using test = await setup({ books: 9 });
  await test.run();
  await change(test);
  const before = test.contents();
  const { prepare, run } = WORK["an export"]!;
  await prepare(test);
  const start = await save(test);
  await run(test.engine);
  const differences = found(await test.verify());

  // a prime, so that in the end each kind of step is among them
  for (let step = 0;; step += 3) {
    await start.restore();
    const died = await die(dying(test, step), run);
    await leasesEnd(test);
    if (!died) break;
    const { state } = await test.engine.runReport(2);
    if (state !== "completed") await test.engine.cancelRun(2);
    await test.run({ onExisting: "update", prune: true });

    assertEquals(found(await test.verify()), differences, `step ${step}`);
    await test.undo(3);
    await test.undo(2);
    assertEquals(test.contents(), before, `step ${step}`);
  }
});

/** Changes the source, and some documents, so that there is something of everything to do. */
async function change(test: Setup): Promise<void> {
  // replaced; changed since and replaced; deleted since and written again; refused
  await test.sql`update staging.library_books set title = 'New' where id in (1, 2, 3)`;
  await test.tamper("books", 2, { title: "Theirs" });
  await test.tamper("books", 3, null);
  // inserted; adopted
  await test.sql`
    insert into staging.library_books
    select n, 1, 'Book ' || n, n, n, '{}' from generate_series(10, 13) as n`;
  await test.tamper("books", 11, { title: "Theirs" });
  test.sink.refuse = (_collection, { title }) => title === "Book 12" ? "it is refused" : undefined;
  // pruned; changed since and left; deleted since
  await test.sql`delete from staging.library_books where id in (5, 6, 7)`;
  await test.tamper("books", 6, { title: "Theirs" });
  await test.tamper("books", 7, null);
}

/** @returns Whether it died before the work was over. */
async function die(worker: Dying, run: Work["run"]): Promise<boolean> {
  try {
    await run(documentEngine(worker.engine, worker.sink));
  } catch (error) {
    if (!worker.isDead()) throw error;
  }
  return worker.isDead();
}

async function leasesEnd({ sql }: Setup): Promise<void> {
  await sql`update landfall.batches set leased_until = now() where not done`;
}

/** All that a run leaves behind, but for times and ids. */
async function endState(test: Setup): Promise<unknown> {
  const { sql } = test;
  const tables: Record<string, unknown[]> = {};
  for (const table of ["lineage", "changes", "vanished", "leftovers"]) {
    const rows = await sql.unsafe(
      `select to_jsonb(row_) as row from landfall.${table} as row_ order by to_jsonb(row_)`,
    );
    tables[table] = rows.map(({ row }) => row);
  }
  const rejects = await sql`
    select run_id, source_key, target_key, reasons, details, settled_by
    from landfall.rejects order by run_id, source_key`;
  const { state, entities, findings, rollback } = await test.engine.runReport(2);
  const undone = rollback && await test.bare.rollbackReport(2);
  return {
    ...tables,
    rejects: [...rejects],
    state,
    findings,
    entities: entities.map(({ durationMs: _time, ...rest }) => rest),
    // what was deleted before the worker died, and is gone when the next one looks, is released
    undone: undone?.entities.map(({ entity, deleted, released, restored, left }) => ({
      entity,
      restored,
      left,
      gone: deleted + released,
    })),
    contents: test.contents(),
  };
}

/** Keeps the engine's tables and the documents, to begin there again. */
async function save({ sql, sink }: Setup): Promise<{ restore(): Promise<void> }> {
  const tables = [
    "runs",
    "run_entities",
    "batches",
    "lineage",
    "changes",
    "rejects",
    "findings",
    "vanished",
    "leftovers",
    "rollbacks",
  ];
  await sql.unsafe("create schema saved");
  for (const table of tables) {
    await sql.unsafe(`create table saved.${table} as table landfall.${table}`);
  }
  const kept = new Map([...sink.collections].map(([name, rows]) => [name, new Map(rows)]));
  return {
    restore: async () => {
      await sql.unsafe(
        [...tables].reverse().map((name) => `delete from landfall.${name};`).join("") +
          tables.map((name) => `insert into landfall.${name} select * from saved.${name};`).join(
            "",
          ),
      );
      sink.collections.clear();
      for (const [name, rows] of kept) sink.collections.set(name, new Map(rows));
    },
  };
}
