import { Progress } from "../invoke/progress.ts";
import { planStoreFile } from "./kv/plan_store_file.ts";
import { readGenerateKvFlags } from "./kv/read_flags.ts";
import { reportOf } from "./kv/report.ts";
import { showNext } from "./kv/show_next.ts";
import { showReport } from "./kv/show_report.ts";
import { writeMigration } from "./kv/write/write_migration.ts";
import { migrationFile } from "./migration_file.ts";

/**
 * Turns a key-value store into a migration: tables, transforms, and what the engine must know.
 *
 * @param args The flags.
 * @throws LF008 for wrong flags, LF010 and LF011 for the file, LF013 for the mapping, or when a
 * migration of the pipeline is there already, LF207 to LF209 for the table.
 */
export async function generateKv(args: readonly string[]): Promise<void> {
  const flags = readGenerateKvFlags(args);
  const output = flags.report ? undefined : await migrationFile(flags);
  using progress = new Progress();
  const plan = await planStoreFile(flags, (done, total) => progress.update({ done, total }));
  const report = reportOf(plan);
  if (output !== undefined) await Deno.writeTextFile(output, writeMigration(plan));
  progress[Symbol.dispose]();
  if (flags.json) {
    console.log(JSON.stringify(output === undefined ? report : { migration: output, ...report }));
    return;
  }
  const lines = output === undefined
    ? showReport(report)
    : [...showReport(report), "", ...showNext(report, { output, file: flags.file })];
  console.log(lines.join("\n"));
}
