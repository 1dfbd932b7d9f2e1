import { basename } from "@std/path";
import { openSource } from "../import/sqlite/open_source.ts";
import { Progress } from "../invoke/progress.ts";
import { migrationFile } from "./migration_file.ts";
import { planFile } from "./sqlite/plan_file.ts";
import { readGenerateFlags } from "./sqlite/read_flags.ts";
import { reportOf } from "./sqlite/report.ts";
import { showNext } from "./sqlite/show_next.ts";
import { showReport } from "./sqlite/show_report.ts";
import { writeMigration } from "./sqlite/write/write_migration.ts";

/**
 * Turns a SQLite file into a migration: target tables, transforms, and what the engine must know.
 *
 * @param args The file and flags.
 * @throws LF008 for wrong flags, LF011 for the file, LF013 for the mapping, or when a migration of
 * the pipeline is there already.
 */
export async function generateSqlite(args: readonly string[]): Promise<void> {
  const flags = readGenerateFlags(args);
  using source = await openSource(flags.path);
  const output = flags.report ? undefined : await migrationFile(flags);
  using progress = new Progress();
  const options = { ...flags, file: basename(flags.path) };
  const plan = await planFile(source, options, (done, total) => progress.update({ done, total }));
  const report = reportOf(plan);
  if (output !== undefined) await Deno.writeTextFile(output, writeMigration(plan));
  progress[Symbol.dispose]();
  if (flags.asJson) {
    console.log(JSON.stringify(output === undefined ? report : { migration: output, ...report }));
  } else {
    const lines = output === undefined
      ? showReport(report)
      : showNext(report, { output, path: flags.path });
    console.log(lines.join("\n"));
  }
}
