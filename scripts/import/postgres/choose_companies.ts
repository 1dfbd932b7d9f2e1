import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import { literal } from "../staging/literal.ts";
import { quoted } from "../staging/quoted.ts";
import { counterpart } from "./counterpart.ts";
import type { ColumnType, Relation, RelationColumn } from "./list_relations.ts";
import type { Source } from "./read_source.ts";
import { sourceFailure } from "./source_failure.ts";

/** The columns that name a row's company, by table of the source. */
export type ScopeColumns = Readonly<Record<string, string>>;

/** The companies whose rows are read. */
export interface Companies {
  /** Their keys as the source writes them. */
  readonly keys: readonly string[];
  /** The column of a table that names a row's company. */
  columnOf(relation: Relation): RelationColumn;
}

/** What is needed to find companies. */
export interface CompanySearch {
  readonly pipeline: string;
  readonly schema: string;
  readonly scopeColumns: ScopeColumns;
  readonly relations: readonly Relation[];
  /** Keys as they were typed. */
  readonly keys: readonly string[];
}

/**
 * Finds the companies that were asked for.
 *
 * @throws LF008 for a key that cannot be one, or is none of the source; LF011 when the pipeline does
 * not say which column names the company.
 */
export async function chooseCompanies(source: Source, search: CompanySearch): Promise<Companies> {
  const { pipeline, schema, scopeColumns, relations } = search;
  const columns = new Map<Relation, RelationColumn>();
  for (const [table, name] of Object.entries(scopeColumns)) {
    const relation = counterpart(table, relations);
    const column = relation && counterpart(name, relation.columns);
    if (column) columns.set(relation, column);
  }
  if (columns.size === 0) {
    throw new LandfallError("LF011", `Cannot import single companies for pipeline ${pipeline}`, {
      details: Object.keys(scopeColumns).length === 0
        ? "It does not say which column of a table names the company."
        : `None of the columns it names is there: ${list(scopeColumns)}.`,
      hint: "Set scope_columns in landfall.pipelines, or import without --source-company.",
    });
  }
  const columnOf = (relation: Relation) =>
    columns.get(relation) ?? refuseTable(pipeline, relation, scopeColumns);

  // the smallest table is most likely that of the companies
  const places = [...columns].toSorted(([one], [other]) => one.estimate - other.estimate);
  const typed = places.find(([, { type }]) => type.bare !== "text") ?? places[0]!;
  const keys = [];
  for (const key of search.keys) keys.push(await canonical(source, key, typed[1].type));

  let missing: readonly string[] = [...new Set(keys)];
  for (const [relation, column] of places) {
    if (missing.length === 0) break;
    const table = `${quoted(schema)}.${quoted(relation.name)}`;
    const found = await source.query<{ key: string }>(
      `select key from (values ${
        missing.map((key) => `(${literal(key)})`).join(", ")
      }) as keys (key)
       where exists (
         select from ${table} where ${quoted(relation.name)}.${quoted(column.name)} =
           keys.key::${column.type.bare}
       )`,
      { table: relation.name },
    );
    missing = missing.filter((key) => !found.some((row) => row.key === key));
  }
  if (missing.length > 0) {
    throw new LandfallError("LF008", `There is no company ${missing.join(", ")} in the source`, {
      details: `No row of ${places.map(([{ name }]) => name).join(", ")} has it.`,
      hint: "Nothing was changed. Check the key given with --source-company.",
    });
  }
  return { keys: [...new Set(keys)], columnOf };
}

/** The key as the source writes it, so that a UUID in capitals is the same company. */
async function canonical(source: Source, key: string, type: ColumnType): Promise<string> {
  if (!type.builtin && type.kind !== "enum") {
    throw new LandfallError("LF011", `Cannot choose companies by a column of type ${type.label}`, {
      hint: "Make a view with the column as text, and name that in scope_columns.",
    });
  }
  try {
    const [row] = await source.attempt<{ key: string }>(
      `select (${literal(key)}::${type.bare})::text as key`,
    );
    return row!.key;
  } catch (error) {
    const { code = "" } = error as { code?: string };
    if (!code.startsWith("22")) throw sourceFailure(error, { source: source.name });
    throw new LandfallError("LF008", `Company ${JSON.stringify(key)} cannot be: no ${type.bare}`, {
      details: `The column that names a company is of type ${type.bare}.`,
      hint: "Nothing was changed. Check the key given with --source-company.",
      cause: error,
    });
  }
}

function refuseTable(pipeline: string, { name }: Relation, columns: ScopeColumns): never {
  throw new LandfallError("LF011", `Cannot import single companies of table ${name}`, {
    details: `Pipeline ${pipeline} does not say which of its columns names the company, or the ` +
      `column is not there. It names ${list(columns)}.`,
    hint: "Leave the table out with --tables, or set scope_columns in landfall.pipelines.",
  });
}

function list(columns: ScopeColumns): string {
  return Object.entries(columns).map(([table, column]) => `${table}.${column}`).join(", ");
}
