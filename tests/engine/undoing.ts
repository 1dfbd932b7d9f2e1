import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import {
  previewRollback,
  rollBack,
  type RollbackReport,
  type RunOptions,
} from "../support/migration.ts";
import type { Setup } from "./setup.ts";

/** What a roll-back did: counts that are not zero, and why rows were left, with sample keys. */
export interface Undone {
  readonly state: string;
  readonly counts: Record<string, Record<string, number>>;
  readonly why: Record<string, string[]>;
}

/**
 * Previews a roll-back, does it, and holds that the preview changed nothing and told all, that
 * every row is accounted for, and that no trigger stays silent.
 *
 * @returns What this roll-back did, without what earlier ones of the run did.
 */
export async function undo(
  { sql, engine }: Setup,
  runId: number,
  options: RunOptions = {},
): Promise<Undone> {
  const [earlier] = await engine`select landfall.rollback_report(${runId}) as report`;
  const before = [await dump(sql), await dump(sql, "landfall"), await triggers(sql)];
  const previewed = await previewRollback(engine, runId, options);
  assertEquals([await dump(sql), await dump(sql, "landfall"), await triggers(sql)], before);

  const report = await rollBack(engine, runId, options);
  const counts = countsOf(report, earlier!.report);
  assertEquals(told(report), told(previewed));
  assertEquals(counts, countsOf(previewed, null));
  assertEquals(await triggers(sql), before[2]);

  for (const { entity, left } of report.entities) {
    const listed = report.leftovers.filter((row) => row.entity === entity);
    assertEquals(listed.reduce((sum, { count }) => sum + count, 0), left, entity);
  }
  // of tables that were undone earlier, the report goes on telling
  if (report.tables) return undoneOf(report, counts);
  const all = Object.values(counts).flatMap(({ rewritten: _restored, ...rest }) =>
    Object.values(rest)
  );
  assertEquals(all.reduce((sum, count) => sum + count, 0), report.progress.done);
  return undoneOf(report, counts);
}

/** All rows of a schema's tables, as text, without the tables that are empty. */
export async function dump(
  sql: postgres.Sql,
  schema = "public",
): Promise<Record<string, string[]>> {
  const tables = await sql<{ name: string }[]>`
    select oid::regclass::text as name
    from pg_class
    where relnamespace = ${schema}::regnamespace and relkind in ('r', 'p') and not relispartition
    order by 1`;
  const rows: Record<string, string[]> = {};
  for (const { name } of tables) {
    const found = await sql.unsafe(
      `select row_::text as row from ${name} as row_ order by row_::text collate "C"`,
    );
    if (found.length > 0) rows[name] = found.map(({ row }) => row);
  }
  return rows;
}

async function triggers(sql: postgres.Sql): Promise<unknown[]> {
  return [
    ...await sql`select tgrelid::regclass, tgname, tgenabled from pg_trigger order by 1, 2`,
  ];
}

function told({ state, leftovers, newerRuns, progress }: RollbackReport): unknown {
  return { state, leftovers, newerRuns: newerRuns.map(({ runId }) => runId), progress };
}

function countsOf(report: RollbackReport, earlier: RollbackReport | null): Undone["counts"] {
  return Object.fromEntries(report.entities.map((row) => {
    const known = earlier?.entities.find(({ entity }) => entity === row.entity);
    const all = {
      deleted: row.deleted - (known?.deleted ?? 0),
      restored: row.restored - (known?.restored ?? 0),
      rewritten: row.rewritten - (known?.rewritten ?? 0),
      released: row.released - (known?.released ?? 0),
      left: row.left,
    };
    return [
      row.entity,
      Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0)),
    ];
  }));
}

function undoneOf({ state, leftovers }: RollbackReport, counts: Undone["counts"]): Undone {
  return {
    state,
    counts,
    why: Object.fromEntries(leftovers.map(({ reason, sample }) => [reason, sample])),
  };
}
