/**
 * Measures a pipeline beside what it replaces: `deno task bench <name> [flags]`; without a name, all
 * of them in one table.
 *
 * Reads      nothing
 * Writes     a temporary folder with a stack of its own, removed at the end
 * Exit codes 0 measured, 1 failed, 2 wrong usage
 */
import { benchAll } from "./bench/all.ts";
import { benchCrm } from "./bench/crm.ts";
import { benchDocuments } from "./bench/documents.ts";
import { benchKv } from "./bench/kv.ts";
import { benchQueries } from "./bench/queries.ts";
import { benchSqlite } from "./bench/sqlite.ts";
import { benchTraps } from "./bench/traps.ts";
import { benchUsers } from "./bench/users.ts";
import { dispatch } from "./invoke/dispatch.ts";

/**
 * Runs a benchmark.
 *
 * @param args Its name, or none for all of them, and its flags.
 * @returns The exit code.
 */
export async function bench(args: readonly string[]): Promise<number> {
  const isNamed = args[0] !== undefined && !args[0].startsWith("-");
  return await dispatch({
    verb: "measure",
    kinds: "Benchmarks",
    usage: "deno task bench [<name>] [flags]",
    aftermath: "The temporary folder is removed.",
    commands: {
      all: benchAll,
      crm: benchCrm,
      documents: benchDocuments,
      kv: benchKv,
      queries: benchQueries,
      sqlite: benchSqlite,
      traps: benchTraps,
      users: benchUsers,
    },
  }, isNamed ? args : ["all", ...args]);
}

if (import.meta.main) Deno.exit(await bench(Deno.args));
