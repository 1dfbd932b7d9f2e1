import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { advance, dryRun, finishRun, migrate, outcome, startRun } from "../support/migration.ts";

/** A pipeline and how its source is made. */
export interface Scenario {
  readonly pipeline: string;
  readonly targets: readonly string[];
  readonly stage: (sql: postgres.Sql) => Promise<void>;
}

/** What every pipeline must stand: rehearsed, migrated, migrated again, interrupted. */
export function runScenarios({ pipeline, targets, stage }: Scenario): void {
  const setup = async (): Promise<{ database: TestDatabase; engine: postgres.Sql }> => {
    const database = await createDatabase();
    await stage(database.sql);
    return { database, engine: database.as("service_role") };
  };
  const contents = async (sql: postgres.Sql): Promise<unknown[]> =>
    await Promise.all(targets.map(async (target) => {
      const [row] = await sql.unsafe(
        `select count(*)::int as rows, md5(string_agg(t::text, '|' order by t::text)) as digest
         from ${target} as t`,
      );
      return row;
    }));

  Deno.test(`${pipeline}: a dry run writes nothing and reports what the run will do`, async () => {
    const { database, engine } = await setup();
    await using _ = database;
    const before = await contents(database.sql);

    const rehearsed = await dryRun(engine, pipeline);
    assertEquals(await contents(database.sql), before);

    const report = await migrate(engine, pipeline, { workers: 1 });
    assertEquals(outcome(rehearsed), outcome(report));
  });

  Deno.test(`${pipeline}: a second run writes nothing`, async () => {
    const { database, engine } = await setup();
    await using _ = database;
    await migrate(engine, pipeline);
    const before = await contents(database.sql);

    const { entities } = await migrate(engine, pipeline);

    for (const { entity, inserted, updated } of entities) {
      assertEquals({ inserted, updated }, { inserted: 0, updated: 0 }, entity);
    }
    assertEquals(await contents(database.sql), before);
  });

  Deno.test(`${pipeline}: batches of any size, and a run taken up again, end alike`, async () => {
    const ends: unknown[] = [];
    for (const batchSize of [undefined, 37, 500]) {
      const { database, engine } = await setup();
      await using _ = database;
      const { runId } = await startRun(engine, pipeline, { batchSize });
      for (let call = 0; call < 5; call++) await advance(engine, runId!, 1);

      const report = await finishRun(database.as("service_role"), runId!);

      ends.push({ outcome: outcome(report), contents: await contents(database.sql) });
    }
    assertEquals(ends[1], ends[0]);
    assertEquals(ends[2], ends[0]);
  });
}
