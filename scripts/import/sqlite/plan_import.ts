import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import type { SourceContents, SourceTable } from "./list_tables.ts";
import { planTable, type TablePlan } from "./plan_table.ts";
import type { StagingTable } from "../staging/staging_tables.ts";

/** What is asked for. */
export interface ImportOptions {
  readonly path: string;
  readonly pipeline: string;
  /** Names of the file's tables; left out, the pipeline decides. */
  readonly tables?: readonly string[] | undefined;
}

/** What an import will do. */
export interface ImportPlan {
  readonly tables: readonly TablePlan[];
  /** Tables, views and virtual tables of the file that are not imported. */
  readonly notImported: readonly string[];
  /** Tables that an earlier import made, and that the file does not have. */
  readonly left: readonly string[];
}

/**
 * Decides which tables of a file go where.
 *
 * A pipeline's own staging tables decide: they are loaded, and nothing else. A pipeline that has
 * none gets every table of the file.
 *
 * @throws LF011 for tables that are not there, or names that Postgres cannot hold.
 */
export function planImport(
  { path, pipeline, tables: named }: ImportOptions,
  contents: SourceContents,
  stagings: readonly StagingTable[],
): ImportPlan {
  const pairs = new Map<SourceTable, StagingTable>();
  const left: StagingTable[] = [];
  for (const staging of stagings) {
    const name = staging.fileTable ?? staging.name.slice(pipeline.length + 1);
    const source = counterpart(name, contents.tables);
    const exact = name === source?.name;
    const isRival = source && !exact &&
      stagings.some(({ name }) => name === `${pipeline}_${source.name}`);
    if (!source || isRival) left.push(staging);
    else if (pairs.has(source)) throw refuseTwo(source, pairs.get(source)!, staging);
    else pairs.set(source, staging);
  }
  const wanted = named
    ? named.map((name) => counterpart(name, contents.tables) ?? refuseName(path, name, contents))
    : stagings.some(({ made }) => !made)
    ? [...pairs.keys()]
    : contents.tables;

  const lacking = named ? [] : left.filter(({ made }) => !made);
  if (lacking.length > 0) {
    throw new LandfallError("LF011", `Cannot import ${path}: it lacks tables of ${pipeline}`, {
      details: `There is staging.${lacking.map(({ name }) => name).join(", staging.")}; the file ` +
        `has the tables ${list(contents)}.`,
      hint: "Name the tables to import with --tables, or import the right file.",
    });
  }
  if (wanted.length === 0) {
    throw new LandfallError("LF011", `Cannot import ${path}: it has no tables`, {
      hint: "Views and virtual tables have no rows of their own. Nothing was changed.",
    });
  }
  return {
    tables: [...new Set(wanted)].map((table) => planTable(pipeline, table, pairs.get(table))),
    notImported: [
      ...contents.tables.filter((table) => !wanted.includes(table)).map(({ name }) => name),
      ...contents.others,
    ],
    left: left.filter(({ made }) => made).map(({ name }) => name),
  };
}

function refuseTwo(source: SourceTable, one: StagingTable, other: StagingTable): LandfallError {
  return new LandfallError(
    "LF011",
    `Cannot import table ${source.name}: it could go to staging.${one.name} or ` +
      `staging.${other.name}`,
    { hint: "Their names differ by case only: rename one, or drop it." },
  );
}

/** SQLite's names differ by more than their case; Postgres's may not. */
function counterpart(name: string, tables: readonly SourceTable[]): SourceTable | undefined {
  return tables.find((table) => table.name.toLowerCase() === name.toLowerCase());
}

function refuseName(path: string, name: string, contents: SourceContents): never {
  const isOther = contents.others.includes(name);
  throw new LandfallError(
    "LF011",
    `Cannot import ${path}: ${
      isOther ? `${name} is a view or a virtual table` : `it has no table ${name}`
    }`,
    { details: `Its tables are ${list(contents)}.`, hint: "Name some of these with --tables." },
  );
}

function list({ tables }: SourceContents): string {
  return tables.map(({ name }) => name).join(", ") || "none";
}
