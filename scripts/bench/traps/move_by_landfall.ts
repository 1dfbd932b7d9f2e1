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

/**
 * Generates a pipeline for a file, applies its migration as it is, imports and migrates.
 *
 * @param name The pipeline, and the schema of its targets.
 * @returns The worst of the exit codes of `import` and `migrate`; a failure, too, where
 * `verify --against` finds that a row is neither in the target nor accounted for.
 */
export async function moveByLandfall(bench: Workbench, file: string, name: string): Promise<Move> {
  try {
    const imported = await loadStaging(bench, file, name);
    const migrated = exitOfRun(await migrate(bench, name));
    const exitCode = migrated === EXIT.failed ? migrated : Math.max(imported, migrated);
    const compared = await compareFile(
      { path: file, pipeline: name, samples: 1 },
      () => {},
      bench.databaseUrl,
    );
    if (exitOfAgainst(compared) !== EXIT.different) return { exitCode };
    return { exitCode, failure: "verify --against finds differences" };
  } catch (error) {
    return { exitCode: EXIT.failed, failure: (error as Error).message };
  }
}

async function loadStaging(
  { sql, databaseUrl }: Workbench,
  file: string,
  name: string,
): Promise<number> {
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
  await sql.unsafe(writeMigration(plan));
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
