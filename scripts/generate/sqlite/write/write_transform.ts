import { readingSql } from "../../../verify/reading/reading_sql.ts";
import type { ColumnPlan, PipelinePlan, TablePlan } from "../plan/pipeline_plan.ts";
import { identifier } from "../../sql/identifier.ts";
import { literal } from "../../sql/literal.ts";
import { sourceKey } from "./source_key.ts";

/** Writes the view that says what a row of the file becomes. */
export function writeTransform(plan: PipelinePlan, table: TablePlan): string {
  const view = `transform.${identifier(`${plan.pipeline}_${table.entity}`)}`;
  const columns = table.columns.flatMap((column) => {
    const sql = column.generated === undefined ? value(table, column) : undefined;
    return sql === undefined ? [] : [named(sql, column.name)];
  });
  const joins = table.columns.flatMap((column) =>
    column.follows === undefined ? [] : [join(plan, table, column)]
  );
  return `create view ${view}
  with (security_invoker = true)
as
select
  ${
    [named(sourceKey(table, "legacy."), "source_key"), "to_jsonb(legacy) as source_row", ...columns]
      .join(",\n  ")
  }
from staging.${identifier(table.staging)} as legacy${joins.join("")};

comment on view ${view} is
${literal(`What a row of table ${table.file.name} becomes.`)};`;
}

function named(sql: string, name: string): string {
  return sql === `legacy.${identifier(name)}` ? sql : `${sql} as ${identifier(name)}`;
}

/** What a column becomes; nothing for one that the target fills by itself. */
function value(table: TablePlan, column: ColumnPlan): string | undefined {
  const { file, reading, expression, follows, type } = column;
  if (expression !== undefined) return expanded(table, expression);
  if (follows !== undefined) {
    const legacy = staged(table, file!.name);
    const key = `${parentAlias(column)}.target_key`;
    return `case\n    when ${legacy} is not null\n      then coalesce(${key}, ${
      missingKey(type, follows, legacy)
    })::${type}\n  end`;
  }
  if (file === undefined) {
    return reading && readingSql(reading, `legacy.${identifier(table.rowId!)}`);
  }
  const legacy = staged(table, file.name);
  if (reading === undefined) return `${legacy}::${type}`;
  const sql = readingSql(reading, legacy);
  // what a name or a value holds must not be set in
  const isSafe = !/[\r\n]/.test(legacy + ("nulls" in reading ? reading.nulls?.join("") : ""));
  return isSafe ? sql.replaceAll("\n", "\n  ") : sql;
}

/** A key that no row has, so that the foreign key says so; or a text that says it is missing. */
function missingKey(type: string, parent: string, legacy: string): string {
  if (type === "uuid") return literal("00000000-0000-0000-0000-000000000000");
  return /^(text|varchar)/.test(type) ? legacy : `${literal(`no row of ${parent}: `)} || ${legacy}`;
}

function staged(table: TablePlan, name: string): string {
  return `legacy.${identifier(table.staged.find(({ file }) => file === name)!.name)}`;
}

/** `{x}` stands for column x as it is read. */
function expanded(table: TablePlan, expression: string): string {
  return table.staged.reduce((sql, { file, reading }) => {
    const read = readingSql(reading, staged(table, file));
    return sql.replaceAll(`{${file}}`, () => /^[\w."]+(::\w+)?$/.test(read) ? read : `(${read})`);
  }, expression);
}

function parentAlias({ name }: ColumnPlan): string {
  return identifier(`parent_${name}`.slice(0, 40));
}

function join({ pipeline, tables }: PipelinePlan, table: TablePlan, column: ColumnPlan): string {
  const alias = parentAlias(column);
  const entity = tables.find(({ file }) => file.name === column.follows)!.entity;
  return `
left join landfall.lineage as ${alias}
  on ${alias}.entity_id = (
    select entities.id
    from landfall.entities
    where entities.pipeline = ${literal(pipeline)} and entities.name = ${literal(entity)}
  )
  and ${alias}.source_key = ${staged(table, column.file!.name)}`;
}
