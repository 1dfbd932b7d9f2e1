import { LandfallError } from "../../../../supabase/functions/_shared/errors.ts";
import type { TableCensus } from "../census/take_census.ts";
import type { TableMapping } from "../mapping.ts";
import type { FileTable } from "../schema/file_schema.ts";
import type { Choices } from "./adopt_keys.ts";
import { Names, SYSTEM_COLUMNS } from "../../names/names.ts";
import { nameHints } from "../../names/name_hints.ts";
import type { ColumnPlan, StagedColumn, TablePlan } from "./pipeline_plan.ts";
import { planColumns } from "./plan_columns.ts";

/** The engine's statements need some of the 1,600 that there may be. */
const MOST_COLUMNS = 1_500;
const MOST_KEY_COLUMNS = 32;

/** What a table is planned with. */
export interface TableContext {
  readonly table: FileTable;
  readonly census: TableCensus;
  readonly choices: Choices;
  readonly mapping: TableMapping;
  /** How a name is written in Postgres. */
  readonly style: (name: string) => string;
  readonly names: {
    readonly relations: Names;
    readonly target: (table: FileTable) => string;
    readonly entity: (table: FileTable) => string;
    readonly staging: (table: FileTable) => string;
  };
  /** The type of the key that rows of a table of the file get. */
  readonly keyType: (table: string) => string;
}

/** Plans a table; its constraints come when all tables are known. */
export function planTable(context: TableContext): TablePlan {
  const { table, census, mapping, names } = context;
  const target = names.target(table);
  const columns = planColumns({
    ...context,
    file: table,
    sequence: (column) => names.relations.take(`${target}_${column}_seq`),
  });
  // where 1 and '1' are two keys in SQLite, they are one as texts
  const sourceKey = census.faults.sameKeys > 0 && table.rowId !== undefined ? [] : table.primaryKey;
  const added = Object.entries(mapping.add ?? {}).filter(([, { primaryKey }]) => primaryKey);
  const primaryKey = added.length > 0
    ? added.map(([name]) => name)
    : table.primaryKey.length > 0
    ? table.primaryKey.flatMap((name) =>
      columns.filter(({ file }) => file?.name === name).map((column) => column.name)
    )
    : columns.filter(({ file, reading }) => file === undefined && reading !== undefined)
      .map(({ name }) => name);
  if (
    primaryKey.length === 0 || (added.length === 0 && primaryKey.length < table.primaryKey.length)
  ) {
    throw refuse(table.name, "it has no primary key", 'Add one in the mapping: "add".');
  }
  if (sourceKey.length === 0 && table.rowId === undefined) {
    throw refuse(
      table.name,
      "it has no key, and its columns hide its rowid",
      "Leave it out with --tables, or give it a key in a copy of the file.",
    );
  }
  if (primaryKey.length > MOST_KEY_COLUMNS) {
    throw refuse(
      table.name,
      `its primary key has ${primaryKey.length} columns, and one of Postgres at most 32`,
      'Add another in the mapping: "add".',
    );
  }
  if (columns.length > MOST_COLUMNS) {
    throw refuse(
      table.name,
      `it has ${columns.length} columns, and a table of Postgres at most 1,600`,
      'Leave columns out in the mapping: "skip".',
    );
  }
  return {
    file: table,
    rows: census.rows,
    faults: census.faults,
    mapping,
    entity: names.entity(table),
    target,
    renamed: target !== (mapping.name ?? context.style(table.name)),
    staging: names.staging(table),
    columns,
    staged: stagedColumns(context, columns, sourceKey),
    sourceKey,
    rowId: needsRowId(table, sourceKey) ? table.rowId : undefined,
    primaryKey,
    constraints: [],
    foreignKeys: [],
    indexes: [],
  };
}

/** A key that may be NULL does not name every row. */
function needsRowId(table: FileTable, sourceKey: readonly string[]): boolean {
  if (table.rowId === undefined) return false;
  if (sourceKey.length === 0) return true;
  return table.rowIdAlias === undefined &&
    sourceKey.some((name) => !table.columns.find((column) => column.name === name)!.notNull);
}

function stagedColumns(
  { table, choices, mapping }: TableContext,
  columns: readonly ColumnPlan[],
  sourceKey: readonly string[],
): StagedColumn[] {
  const names = new Names([...SYSTEM_COLUMNS, ...table.rowId === undefined ? [] : [table.rowId]]);
  const used = columns.flatMap(({ file }) => file === undefined ? [] : [file.name]);
  const expressions = [
    ...Object.values(mapping.columns ?? {}),
    ...Object.values(mapping.add ?? {}),
  ].map(({ expression = "" }) => expression).join("\n");
  const readingOf = (name: string) =>
    columns.find(({ file }) => file?.name === name)?.reading ?? choices.get(name)!.reading;
  return table.columns.filter(({ name }) =>
    used.includes(name) || sourceKey.includes(name) || mentions(expressions, name)
  ).map(({ name }) => ({
    file: name,
    name: names.take(name || "column"),
    type: readingOf(name).as === "bytes" ? "bytea" : "text",
    reading: readingOf(name),
    secret: mapping.columns?.[name]?.secret ?? nameHints(name).secret,
  }));
}

function mentions(expressions: string, name: string): boolean {
  return expressions.includes(`{${name}}`) || expressions.includes(`legacy."${name}"`) ||
    new RegExp(`legacy\\.${RegExp.escape(name)}\\b`).test(expressions);
}

function refuse(table: string, why: string, hint: string): LandfallError {
  return new LandfallError("LF013", `Cannot generate table ${table}: ${why}`, { hint });
}
