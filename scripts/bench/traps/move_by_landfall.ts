import { basename } from "@std/path";
import { AdvanceReport, RunReport } from "../../../supabase/functions/_shared/replies.ts";
import { planFile } from "../../generate/sqlite/plan_file.ts";
import { writeMigration } from "../../generate/sqlite/write/write_migration.ts";
import { importSource } from "../../import/sqlite/import_source.ts";
import { openSource } from "../../import/sqlite/open_source.ts";
import { exitOfAgainst } from "../../invoke/against.ts";
import { EXIT, exitOfRun } from "../../invoke/exit_code.ts";
import { compareFile } from "../../verify/compare_file.ts";
import type { Move } from "./trap.ts";
import type { Workbench } from "./workbench.ts";

/** A foreign key that closes a circle stands in a comment: it is added when all rows are there. */
const POSTPONED = /^-- {3}alter table [^;]*;$/gm;

/**
 * Generates a pipeline for a file, applies its migration as it is, imports and migrates; then adds
 * the foreign keys that the migration leaves to its reader.
 *
 * @param name The pipeline, and the schema of its targets.
 * @returns The worst of the exit codes of `import` and `migrate`; a failure, too, where
 * `verify --against` finds that a row is neither in the target nor accounted for.
 */
export async function moveByLandfall(bench: Workbench, file: string, name: string): Promise<Move> {
  const { sql, databaseUrl } = bench;
  try {
    const migration = await generate(file, name);
    await sql.unsafe(migration);
    const imported = await load(bench, file, name);
    const migrated = exitOfRun(await migrate(bench, name));
    for (const [foreignKey] of migration.matchAll(POSTPONED)) {
      await sql.unsafe(foreignKey.replaceAll(/^-- {3}/gm, ""));
    }
    const against = { path: file, pipeline: name, samples: 1 };
    const compared = exitOfAgainst(await compareFile(against, () => {}, databaseUrl));
    const exitCode = migrated === EXIT.failed ? migrated : Math.max(imported, migrated);
    return compared === EXIT.different
      ? { exitCode, failure: "verify --against finds differences" }
      : { exitCode };
  } catch (error) {
    return { exitCode: EXIT.failed, failure: (error as Error).message };
  }
}

async function generate(file: string, name: string): Promise<string> {
  using source = await openSource(file);
  const plan = await planFile(source, {
    pipeline: name,
    schema: name,
    file: basename(file),
    tables: undefined,
    timestamps: true,
    json: true,
    snakeCase: false,
  });
  return writeMigration(plan);
}

async function load({ databaseUrl }: Workbench, file: string, name: string): Promise<number> {
  using source = await openSource(file);
  const { leftOut } = await importSource({ path: file, pipeline: name }, source, databaseUrl);
  return leftOut > 0 ? EXIT.rejects : EXIT.clean;
}

async function migrate({ engine }: Workbench, name: string): Promise<RunReport> {
  const [started] = await engine`select landfall.start_run(${name}, '{}') as report`;
  const { runId } = RunReport.parse(started!.report);
  for (let state = "running"; state === "running";) {
    const [advanced] = await engine`select landfall.advance_run(${runId}, 1000) as report`;
    state = AdvanceReport.parse(advanced!.report).state;
  }
  const [ended] = await engine`select landfall.run_report(${runId}) as report`;
  return RunReport.parse(ended!.report);
}
