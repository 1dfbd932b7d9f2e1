import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { inTransaction } from "../database/in_transaction.ts";
import { EXIT } from "../invoke/exit_code.ts";
import { restoreDump } from "./postgres/dump/restore_dump.ts";
import { importSource, type PostgresImport } from "./postgres/import_source.ts";
import { Interruption } from "../invoke/interruption.ts";
import { type PostgresFlags, readPostgresFlags } from "./postgres/read_flags.ts";
import { readSource } from "./postgres/read_source.ts";
import { refuseMalformedUrl } from "./postgres/refuse_malformed_url.ts";
import { scopeColumns } from "./postgres/scope_columns.ts";
import { showImport } from "./postgres/show_import.ts";
import { isUrl, sourceUrl } from "./postgres/source_url.ts";
import { wantedTables } from "./postgres/wanted_tables.ts";
import { refuseActiveRun } from "./staging/refuse_active_run.ts";
import { stagingTables } from "./staging/staging_tables.ts";

/**
 * Loads tables of a Postgres database, or of a dump of one, into the staging tables of a pipeline.
 *
 * @param args The source and flags.
 * @returns The exit code: 0, or 129, 130 or 143 when it was interrupted.
 * @throws LF008 for wrong flags, LF005 and LF006 for a source that cannot be reached, LF011 for one
 * that does not fit, LF202 while a run uses the tables.
 */
export async function importPostgres(args: readonly string[]): Promise<number> {
  const flags = readPostgresFlags(args);
  using interruption = new Interruption();
  const { signal } = interruption;
  let report: PostgresImport;
  let isLoaded = false;
  const context = { signal, onLoaded: () => isLoaded = true };
  try {
    report = isUrl(flags.from)
      ? await importLive(flags, context)
      : await importDump(flags, context);
  } catch (error) {
    if (interruption.exit === undefined) throw error;
    console.error(
      isLoaded
        ? "Interrupted at the very end: landfall.imports tells whether the rows are there."
        : "Interrupted: nothing was changed.",
    );
    return interruption.exit;
  }
  console.log(flags.json ? JSON.stringify(report) : showImport(report).join("\n"));
  return EXIT.clean;
}

interface Context {
  readonly signal: AbortSignal;
  readonly onLoaded: () => void;
}

async function importLive(
  flags: PostgresFlags,
  { signal, onLoaded }: Context,
): Promise<PostgresImport> {
  const start = performance.now();
  const address = sourceUrl(flags.from);
  return await readSource(address, address.name, signal, (source) => {
    return importSource(flags, source, { kind: "a Postgres database", start, onLoaded });
  });
}

async function importDump(
  flags: PostgresFlags,
  { signal, onLoaded }: Context,
): Promise<PostgresImport> {
  const start = performance.now();
  refuseSettings(flags.from);
  await refuseMalformedUrl(flags.from);
  const tables = await tablesToRestore(flags);
  const names = tables === "all" ? undefined : new Set(tables.map((name) => name.toLowerCase()));
  const wants = {
    count: names?.size,
    has: (schema: string, table: string) =>
      schema === flags.schema && (names?.has(table.toLowerCase()) ?? true),
  };
  await using dump = await restoreDump(flags.from, wants, signal);
  return await readSource(dump.address, dump.name, signal, (source) => {
    const { failures } = dump;
    return importSource(flags, source, { kind: "a dump", start, failures, onLoaded });
  });
}

/** Settings as libpq takes them look like a file, and may hold a password. */
function refuseSettings(from: string): void {
  if (!/\b(host|dbname|user|password|service)\s*=/.test(from)) return;
  throw new LandfallError("LF008", "The source is neither a URL nor a dump", {
    hint: "Give a database as postgresql://user:password@host:5432/database.",
  });
}

/** The tables that are imported, and with companies those that tell which there are. */
async function tablesToRestore(flags: PostgresFlags): Promise<readonly string[] | "all"> {
  const { pipeline, companies } = flags;
  return await inTransaction(async (transaction) => {
    await refuseActiveRun(transaction, pipeline);
    const wanted = wantedTables(flags, await stagingTables(transaction, pipeline));
    if (wanted === "all" || companies.length === 0) return wanted;
    return [...wanted, ...Object.keys(await scopeColumns(transaction, pipeline))];
  }, "snapshot");
}
