import { parseArgs } from "@std/cli/parse-args";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { duration } from "../../supabase/functions/_shared/core/duration.ts";
import { inTransaction } from "../database/in_transaction.ts";
import { findStore } from "./find_store.ts";
import { loadStore } from "./load_store.ts";
import { mergeStore } from "./merge_store.ts";
import { storeChunks, type Tally } from "./store_chunks.ts";

/** What an import did. */
export interface KvImport extends Readonly<Tally> {
  readonly pipeline: string;
  readonly table: string;
  /** Keys that the store holds now. */
  readonly keys: number;
  /** Records whose key came again later in the file, where the file replaced the store. */
  readonly duplicates?: number;
  /** Keys that the store did not hold before, where the file was merged. */
  readonly added?: number;
  readonly durationMs: number;
}

interface Flags {
  readonly path: string;
  readonly pipeline: string;
  readonly merge: boolean;
  readonly json: boolean;
}

const USAGE = "deno task import kv <file.ndjson> [--pipeline kv] [--merge] [--json]";

/**
 * Replaces the store of a pipeline by a file of lines `{"key": …, "value": …}`, or with `--merge`
 * puts them over what the store holds.
 *
 * @param args The file and flags.
 * @throws LF008 for wrong flags, LF010 and LF011 for the file.
 */
export async function importKv(args: readonly string[]): Promise<void> {
  const flags = readArguments(args);
  const report = await importStore(flags);
  console.log(flags.json ? JSON.stringify(report) : summary(report, flags.path));
}

async function importStore({ path, pipeline, merge }: Flags): Promise<KvImport> {
  const start = performance.now();
  const tally: Tally = {
    records: 0,
    blankLines: 0,
    nulsRemoved: 0,
    halvesReplaced: 0,
    cleanedLines: [],
  };
  return await inTransaction(async (transaction) => {
    const table = await findStore(transaction, pipeline);
    const chunks = storeChunks(path, tally, { merge });
    const { keys, added } = merge
      ? await mergeStore(transaction, pipeline, table, chunks)
      : { keys: await loadStore(transaction, table, chunks), added: undefined };
    if (tally.records === 0) {
      throw new LandfallError("LF011", `Cannot import ${path}: it holds no records`, {
        hint: "The store is left as it was.",
      });
    }
    const durationMs = Math.round(performance.now() - start);
    const came = merge ? { added } : { duplicates: tally.records - keys };
    return { pipeline, table, keys, ...came, ...tally, durationMs };
  });
}

function summary(report: KvImport, path: string): string {
  const number = (value: number) => value.toLocaleString("en-US");
  const { keys, table, records, nulsRemoved, halvesReplaced, cleanedLines } = report;
  const { duplicates = 0, added } = report;
  const lines = [
    `${number(keys)} keys in ${table}, from ${number(records)} records of ${path} ` +
    `in ${duration(report.durationMs)}.`,
  ];
  if (added !== undefined) lines.push(`Merged: ${number(added)} of the keys are new.`);
  if (duplicates > 0) {
    lines.push(`Duplicates of a key: ${number(duplicates)}, of which the last one stays.`);
  }
  if (cleanedLines.length > 0) {
    lines.push(
      `Not storable in Postgres: ${number(nulsRemoved)} NUL characters taken out, ` +
        `${number(halvesReplaced)} broken characters replaced, ` +
        `first in lines ${cleanedLines.join(", ")}.`,
    );
  }
  return lines.join("\n");
}

function readArguments(args: readonly string[]): Flags {
  const wrong = (message: string) =>
    new LandfallError("LF008", message, { hint: `Usage: ${USAGE}.` });
  const flags = parseArgs([...args], {
    string: ["_", "pipeline"],
    boolean: ["json", "merge"],
    default: { pipeline: "kv" },
    unknown: (arg: string, flag?: string) => {
      if (flag !== undefined) throw wrong(`Unknown flag ${arg}`);
    },
  }) as { _: string[]; pipeline: string; merge: boolean; json: boolean };

  const [path, another] = flags._;
  if (path === undefined) throw wrong("No file to import");
  if (another !== undefined) throw wrong("One file is imported at a time");
  if (flags.pipeline === "") throw wrong("--pipeline needs a name");
  return { path, pipeline: flags.pipeline, merge: flags.merge, json: flags.json };
}
