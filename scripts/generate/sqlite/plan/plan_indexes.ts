import { translateCondition } from "../expressions/translate_condition.ts";
import type { FileIndex } from "../schema/file_schema.ts";
import { identifier } from "../../sql/identifier.ts";
import type { ExpressionColumns } from "./expression_columns.ts";
import { type IndexPart, indexPart } from "./index_part.ts";
import type { Names } from "../../names/names.ts";
import type { IndexPlan, TablePlan } from "./pipeline_plan.ts";
import type { Say } from "./say.ts";

const MOST_PARTS = 32;

/** A unique constraint. */
export interface UniquePlan {
  readonly name: string;
  readonly parts: readonly string[];
}

/**
 * Plans a table's unique constraints and indexes, and an index for each foreign key that has none.
 *
 * @param relations Names that are taken.
 * @param say Is told what became of each.
 */
export function planIndexes(
  table: TablePlan,
  relations: Names,
  known: ExpressionColumns,
  say: Say,
): { uniques: UniquePlan[]; indexes: IndexPlan[] } {
  const uniques: UniquePlan[] = [];
  const indexes: IndexPlan[] = [];
  const covered: string[][] = [[...table.primaryKey]];

  for (const { columns } of keysOf(table)) {
    if (columns.length > MOST_PARTS) {
      const label = columns.map(({ name }) => name).join(", ");
      say("unique", label, `unique (${label})`, {
        verdict: "left out",
        why: `Postgres has at most ${MOST_PARTS} columns in an index`,
      });
      continue;
    }
    const names = columns.map(({ name }) => columnName(table, name));
    const label = columns.map(({ name }) => name).join(", ");
    const parts = columns.map(({ name, collation }): IndexPart =>
      indexPart(
        { column: name, collation, descending: false, expression: undefined, text: name },
        table,
        known,
      )
    );
    const broken = parts.find((part) => "why" in part);
    if (broken !== undefined) {
      say("unique", label, `unique (${label})`, { verdict: "left out", why: broken.why });
      continue;
    }
    const fine = parts.filter((part) => "sql" in part);
    const remark = fine.find((part) => part.remark !== undefined)?.remark;
    const name = relations.take(`${table.target}_${names.join("_")}_key`);
    say("unique", label, "", { verdict: remark ? "translated" : "kept", why: remark });
    if (remark !== undefined) {
      const parts = fine.map(({ sql }) => sql);
      indexes.push({ name, unique: true, parts, where: undefined, remark });
    } else {
      uniques.push({ name, parts: fine.map(({ sql }) => sql) });
      covered.push(names as string[]);
    }
  }

  for (const index of table.file.indexes) {
    const outcome = indexOf(index, table, known);
    if ("why" in outcome) {
      say("index", index.name, index.sql, { verdict: "left out", why: outcome.why });
      continue;
    }
    const { parts, where, remark } = outcome;
    const translated = remark !== undefined || where !== undefined ||
      index.parts.some(({ column }) => column === undefined);
    const name = relations.take(index.name);
    say("index", index.name, "", {
      verdict: translated ? "translated" : "kept",
      why: [remark, name === index.name ? undefined : `its name is ${name}`].filter(Boolean)
        .join("; ") || undefined,
    });
    indexes.push({ name, unique: index.unique, parts, where, remark });
    if (where === undefined && index.parts.every(({ collation }) => collation === "binary")) {
      covered.push(index.parts.map(({ column }) => column ? columnName(table, column) ?? "" : ""));
    }
  }

  for (const { columns } of table.foreignKeys) {
    if (
      covered.some((key) => columns.every((name) => key.slice(0, columns.length).includes(name)))
    ) {
      continue;
    }
    const name = relations.take(`${table.target}_${columns.join("_")}_idx`);
    indexes.push({
      name,
      unique: false,
      parts: columns.map(identifier),
      where: undefined,
      remark: "not in the file: whoever deletes a parent looks here",
    });
    covered.push([...columns]);
  }
  return { uniques, indexes };
}

/** Unique constraints; a key that folds case, or is no key any more, is one more. */
function keysOf({ file, columns, primaryKey }: TablePlan): TablePlan["file"]["uniques"] {
  const key = file.primaryKey.map((name) => ({
    name,
    collation: file.columns.find((column) => column.name === name)!.collation,
  }));
  const folds = key.some(({ collation }) => collation !== "binary");
  const own = columns.filter((column) => file.primaryKey.includes(column.file?.name ?? ""));
  // a key that the mapping has put another in the place of still names one row
  const replaced = key.length > 0 && own.length === key.length &&
    own.every(({ name }) => !primaryKey.includes(name));
  return [
    ...replaced ? [{ columns: key.map(({ name }) => ({ name, collation: "binary" })) }] : [],
    ...folds ? [{ columns: key }] : [],
    ...file.uniques,
  ];
}

function columnName({ columns }: TablePlan, name: string): string | undefined {
  return columns.find(({ file }) => file?.name === name)?.name;
}

function indexOf(
  { parts, where }: FileIndex,
  table: TablePlan,
  known: ExpressionColumns,
): Pick<IndexPlan, "parts" | "where" | "remark"> | { why: string } {
  if (parts.length > MOST_PARTS) {
    return { why: `Postgres has at most ${MOST_PARTS} columns in an index` };
  }
  const found = parts.map((part) => indexPart(part, table, known));
  const broken = found.find((part) => "why" in part);
  if (broken !== undefined) return { why: broken.why };
  const fine = found.filter((part) => "sql" in part);
  const remark = fine.find((part) => part.remark !== undefined)?.remark;
  const list = fine.map(({ sql }) => sql);
  if (where === undefined) return { parts: list, where: undefined, remark };
  if (where.expression === undefined) return { why: "its condition is not understood" };
  const refusal = known.refusal(where.expression);
  if (refusal !== undefined) return { why: refusal };
  const condition = translateCondition(where.expression, known.columns, "index");
  switch (condition.kind) {
    case "translated":
      return { parts: list, where: condition.sql, remark: remark ?? condition.remark };
    case "implied":
      return { why: `its condition holds for every row but those with NULL: ${condition.why}` };
    case "refused":
      return { why: `of its condition: ${condition.why}` };
  }
}
