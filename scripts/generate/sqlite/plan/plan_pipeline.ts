import { LandfallError } from "../../../../supabase/functions/_shared/errors.ts";
import type { TableCensus } from "../census/take_census.ts";
import type { Mapping } from "../mapping.ts";
import type { FileSchema, FileTable } from "../schema/file_schema.ts";
import { adoptKeys } from "./adopt_keys.ts";
import { chooseReading } from "./choose_reading.ts";
import type { ReadingOptions } from "./guess.ts";
import { entityName } from "../../names/entity_name.ts";
import { snakeCase } from "../../names/name_hints.ts";
import { Names } from "../../names/names.ts";
import type { PipelinePlan, TablePlan, Verdict } from "./pipeline_plan.ts";
import { planConstraints } from "./plan_constraints.ts";
import { planForeignKeys } from "./plan_foreign_keys.ts";
import { planTable } from "./plan_table.ts";

/** What a person says of the pipeline. */
export interface PlanOptions extends ReadingOptions {
  readonly pipeline: string;
  readonly schema: string;
  /** The file's name, without its folder. */
  readonly file: string;
  /** Names of the file's tables; left out, all of them. */
  readonly tables: readonly string[] | undefined;
  readonly snakeCase: boolean;
}

/**
 * Decides what a SQLite file becomes: tables, keys, constraints, transforms; and what it does not
 * become, and why.
 *
 * @param censuses What the tables hold, by their names.
 * @throws LF013 when nothing is left to migrate.
 */
export function planPipeline(
  options: PlanOptions,
  { tables: all, others }: FileSchema,
  censuses: ReadonlyMap<string, TableCensus>,
  mapping: Mapping,
): PipelinePlan {
  const tables = all.filter((table) => censuses.has(table.name));
  if (tables.length === 0) {
    throw new LandfallError("LF013", `Cannot generate ${options.pipeline}: no table is left`, {
      hint: "Views and virtual tables have no rows of their own; --tables and the mapping leave " +
        "tables out.",
    });
  }
  const choices = new Map(tables.map((table) => [
    table.name,
    new Map(table.columns.map((column) => [
      column.name,
      chooseReading({
        ...options,
        column,
        census: censuses.get(table.name)!.columns.get(column.name)!,
        checks: table.checks.map(({ text }) => text),
        isKey: table.primaryKey.includes(column.name) ||
          table.foreignKeys.some(({ columns }) => columns.includes(column.name)),
      }),
    ])),
  ]));
  adoptKeys(tables, censuses, choices, mapping);

  const style = options.snakeCase ? (name: string) => snakeCase(name) || name : plain;
  // tables, indexes and sequences share their names; targets come first, so that they keep theirs
  const relations = new Names();
  const targets = new Map(
    tables.map(({ name }) =>
      [name, relations.take(mapping.tables[name]?.name ?? style(name))] as const
    ),
  );
  const entities = new Names();
  const staging = new Names();
  const names = {
    relations,
    target: (table: FileTable) => targets.get(table.name)!,
    entity: (table: FileTable) =>
      entities.take(
        entityName(targets.get(table.name)!, Math.min(36, 58 - options.pipeline.length)),
      ),
    staging: (table: FileTable) => staging.take(`${options.pipeline}_${table.name}`),
  };
  const planned = tables.map((table): TablePlan =>
    planTable({
      table,
      census: censuses.get(table.name)!,
      choices: choices.get(table.name)!,
      mapping: mapping.tables[table.name] ?? {},
      style,
      names,
      keyType: (name) => keyType(name, tables, mapping, choices),
    })
  );
  const keyed = planForeignKeys(planned);
  const constrained = keyed.tables.map((table) => planConstraints(table, relations));
  return {
    pipeline: options.pipeline,
    description: mapping.description ?? `The SQLite database ${options.file}`,
    schema: options.schema,
    file: options.file,
    tables: constrained.map(({ table }) => table),
    verdicts: [
      ...constrained.flatMap(({ table, verdicts }, place) => [
        ...renamed(table),
        ...verdicts,
        ...keyed.verdicts.get(tables[place]!.name) ?? [],
      ]),
      ...all.filter((table) => !tables.includes(table)).map((table): Verdict => ({
        table: undefined,
        kind: "table",
        name: table.name,
        verdict: "left out",
        why: mapping.tables[table.name]?.skip ?? "--tables does not name it",
        original: table.sql,
      })),
      ...others.map(({ kind, name, table, sql }): Verdict => ({
        table,
        kind,
        name,
        verdict: "left out",
        why: REASONS[kind],
        original: sql,
      })),
    ],
  };
}

/** Names that Postgres cannot have as they are. */
function renamed({ file, target, renamed, columns }: TablePlan): Verdict[] {
  const verdict = (
    table: string | undefined,
    kind: string,
    name: string,
    now: string,
  ): Verdict => ({
    table,
    kind,
    name,
    verdict: "translated",
    why: `its name is ${now}`,
    original: undefined,
  });
  return [
    ...renamed ? [verdict(undefined, "name", file.name, target)] : [],
    ...columns.filter((column) => column.renamed)
      .map((column) => verdict(file.name, "name", column.file!.name, column.name)),
  ];
}

const REASONS = {
  "view": "a view is written anew, over the tables it will read",
  "trigger": "a trigger is written anew, in PL/pgSQL",
  "virtual table": "an extension of SQLite keeps it",
  "shadow table": "it belongs to a virtual table",
} as const;

function plain(name: string): string {
  return name;
}

function keyType(
  name: string,
  tables: readonly FileTable[],
  mapping: Mapping,
  choices: ReadonlyMap<string, ReadonlyMap<string, { readonly type: string }>>,
): string {
  const added = Object.values(mapping.tables[name]?.add ?? {}).find(({ primaryKey }) => primaryKey);
  const [column, another] = tables.find((table) => table.name === name)?.primaryKey ?? [];
  const type = added?.type ??
    (another === undefined && column !== undefined
      ? mapping.tables[name]?.columns?.[column]?.type ?? choices.get(name)?.get(column)?.type
      : undefined);
  if (type !== undefined) return type;
  throw new LandfallError("LF013", `No column can follow ${name}: it has no key of one column`, {
    hint: "Take the table in, or leave `follows` out of the mapping.",
  });
}
