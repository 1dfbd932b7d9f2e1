import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import {
  AdvanceReport,
  RollbackReport,
  RunReport,
  VerificationReport,
} from "../../supabase/functions/_shared/replies.ts";

export type { AdvanceReport, RollbackReport, RunReport, VerificationReport };

/** A run's options, in the engine's words. */
export type RunOptions = Readonly<Record<string, postgres.JSONValue | undefined>>;

/**
 * Runs a pipeline to its end, as a caller of the Data API does.
 *
 * @param sql Queries as service_role.
 * @returns The report, which fits the contract and accounts for every row.
 */
export async function migrate(
  sql: postgres.Sql,
  pipeline: string,
  options: RunOptions = {},
): Promise<RunReport> {
  const { runId } = await startRun(sql, pipeline, options);
  return await finishRun(sql, runId!);
}

/** Starts a run and does none of its work. */
export async function startRun(
  sql: postgres.Sql,
  pipeline: string,
  options: RunOptions = {},
): Promise<RunReport> {
  const [row] = await sql`
    select landfall.start_run(${pipeline}, ${sql.json(options as postgres.JSONValue)}) as report`;
  return RunReport.parse(row!.report);
}

/** Advances a run until it rests: completed, failed, paused or cancelled. */
export async function finishRun(sql: postgres.Sql, runId: number): Promise<RunReport> {
  for (;;) {
    const { state, idle } = await advance(sql, runId);
    if (state !== "running") break;
    if (idle) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return await runReport(sql, runId);
}

/** Works on a run for one call. */
export async function advance(
  sql: postgres.Sql,
  runId: number,
  budgetMs = 1000,
): Promise<AdvanceReport> {
  const [row] = await sql`select landfall.advance_run(${runId}, ${budgetMs}) as report`;
  return AdvanceReport.parse(row!.report);
}

/** Rehearses a run. */
export async function dryRun(
  sql: postgres.Sql,
  pipeline: string,
  options: RunOptions = {},
): Promise<RunReport> {
  const [row] = await sql`
    select landfall.dry_run(${pipeline}, ${sql.json(options as postgres.JSONValue)}) as report`;
  return RunReport.parse(row!.report);
}

/** Reports a run; each entity's outcomes must add up to its source rows. */
export async function runReport(sql: postgres.Sql, runId: number): Promise<RunReport> {
  const [row] = await sql`select landfall.run_report(${runId}) as report`;
  const report = RunReport.parse(row!.report);
  for (const { entity, source, ...outcomes } of report.entities) {
    const { inserted, updated, unchanged, rejected, deferred } = outcomes;
    assertEquals(inserted + updated + unchanged + rejected + deferred, source, entity);
  }
  return report;
}

/** Rolls a run back to its end, a batch in each transaction. */
export async function rollBack(
  sql: postgres.Sql,
  runId: number,
  options: RunOptions = {},
): Promise<RollbackReport> {
  await sql`select landfall.start_rollback(${runId}, ${sql.json(options as postgres.JSONValue)})`;
  for (;;) {
    const [row] = await sql`select landfall.advance_rollback(${runId}, 1) as report`;
    if (AdvanceReport.parse(row!.report).state !== "rolling_back") break;
  }
  const [row] = await sql`select landfall.rollback_report(${runId}) as report`;
  return RollbackReport.parse(row!.report);
}

/** Rehearses a roll-back. */
export async function previewRollback(
  sql: postgres.Sql,
  runId: number,
  options: RunOptions = {},
): Promise<RollbackReport> {
  const [row] = await sql`
    select landfall.preview_rollback(${runId}, ${
    sql.json(options as postgres.JSONValue)
  }) as report`;
  return RollbackReport.parse(row!.report);
}

/** Verifies a pipeline, or with a number what one run has written. */
export async function verify(
  sql: postgres.Sql,
  what: string | number,
  options: RunOptions = {},
): Promise<VerificationReport> {
  const [row] = await sql`
    select landfall.verify(
      ${typeof what === "string" ? what : null}, ${typeof what === "number" ? what : null},
      ${sql.json(options as postgres.JSONValue)}
    ) as report`;
  return VerificationReport.parse(row!.report);
}

/** What became of the rows: a report without ids and times, equal for equal runs. */
export function outcome(report: RunReport): unknown {
  const { state, companies, entities, rejects, findings, leftovers, progress } = report;
  return {
    state,
    companies,
    entities: entities.map(({ durationMs: _time, ...rest }) => rest),
    rejects,
    findings,
    leftovers,
    progress,
  };
}

/** An entity's counts that are not zero. */
export function counts(report: RunReport, entity = "items"): Record<string, number> {
  const { source, inserted, updated, unchanged, rejected, deferred } = report.entities
    .find((row) => row.entity === entity)!;
  const all = { source, inserted, updated, unchanged, rejected, deferred };
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
}

/** The reasons of an entity's rejects, each with sample keys. */
export function reasons(report: RunReport, entity = "items"): Record<string, string[]> {
  return Object.fromEntries(
    report.rejects.filter((row) => row.entity === entity).map((row) => [row.reason, row.sample]),
  );
}
