import { EXIT } from "../invoke/exit_code.ts";
import { importSource } from "./sqlite/import_source.ts";
import { openSource } from "./sqlite/open_source.ts";
import { readSqliteFlags } from "./sqlite/read_flags.ts";
import { showImport } from "./sqlite/show_import.ts";

/**
 * Loads tables of a SQLite file into the staging tables of a pipeline, which it replaces.
 *
 * @param args The file and flags.
 * @returns The exit code: 0, or 3 when rows were left out.
 * @throws LF008 for wrong flags, LF011 for the file, LF202 while a run uses the tables.
 */
export async function importSqlite(args: readonly string[]): Promise<number> {
  const flags = readSqliteFlags(args);
  using source = await openSource(flags.path);
  const report = await importSource(flags, source);
  console.log(flags.json ? JSON.stringify(report) : showImport(report).join("\n"));
  return report.leftOut > 0 ? EXIT.rejects : EXIT.clean;
}
