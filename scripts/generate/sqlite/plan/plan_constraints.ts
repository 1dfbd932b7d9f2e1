import { identifier } from "../../sql/identifier.ts";
import { expressionColumns } from "./expression_columns.ts";
import { Names } from "../../names/names.ts";
import type { Constraint, TablePlan, Verdict } from "./pipeline_plan.ts";
import { planChecks } from "./plan_checks.ts";
import { planIndexes } from "./plan_indexes.ts";
import { planValues } from "./plan_values.ts";
import { type Say, sayOf } from "./say.ts";

/**
 * Plans a table's defaults, generated columns, checks, unique constraints and indexes.
 *
 * @param relations Names that tables, sequences and indexes have already.
 */
export function planConstraints(
  table: TablePlan,
  relations: Names,
): { table: TablePlan; verdicts: Verdict[] } {
  const known = expressionColumns(table);
  const verdicts: Verdict[] = [];
  const say = sayOf(table.file.name, verdicts);
  sayOfTable(table, say);
  const columns = planValues(table, known, say);
  const key = relations.take(`${table.target}_pkey`);
  const { uniques, indexes } = planIndexes({ ...table, columns }, relations, known, say);
  const names = new Names([
    key,
    ...uniques.map(({ name }) => name),
    ...table.foreignKeys.map(({ name }) => name),
  ]);
  const constraints: Constraint[] = [
    {
      sql: `constraint ${identifier(key)} primary key (${
        table.primaryKey.map(identifier).join(", ")
      })`,
      remark: undefined,
    },
    ...planChecks(table, known, names, say),
    ...uniques.map(({ name, parts }) => ({
      sql: `constraint ${identifier(name)} unique (${parts.join(", ")})`,
      remark: undefined,
    })),
    ...(table.mapping.constraints ?? []).map((sql) => ({ sql, remark: "by the mapping" })),
  ];
  return { table: { ...table, columns, constraints, indexes }, verdicts };
}

/** What is kept as a matter of course, and what only SQLite has. */
function sayOfTable({ file, columns, faults }: TablePlan, say: Say): void {
  if (!file.understood) {
    say("checks and collations", file.name, file.sql, {
      verdict: "left out",
      why: "the statement that made the table is not understood",
    });
  }
  if (file.primaryKey.length > 0) {
    const isThere = file.primaryKey.every((name) =>
      columns.some((each) => each.file?.name === name)
    );
    const nulls = `${faults.nullKeys.toLocaleString("en-US")} rows have NULL in it`;
    say("primary key", file.primaryKey.join(", "), `primary key (${file.primaryKey.join(", ")})`, {
      verdict: isThere ? "kept" : "left out",
      why: isThere ? (faults.nullKeys > 0 ? nulls : undefined) : "the mapping has another",
    });
  }
  for (const { file: column, notNull } of columns) {
    if (column === undefined) continue;
    if (column.notNull) {
      say("not null", column.name, `${column.name} not null`, {
        verdict: notNull ? "kept" : "left out",
        why: notNull ? undefined : "the mapping lets it be NULL",
      });
    }
    if (column.collation !== "binary") {
      say("collation", column.name, `${column.name} collate ${column.collation}`, {
        verdict: "left out",
        why:
          "unique constraints and indexes compare as it does; other comparisons in Postgres do " +
          "not",
      });
    }
  }
  for (const clause of file.conflictClauses) {
    say("on conflict", clause, clause, {
      verdict: "left out",
      why: "a statement says so in Postgres: insert … on conflict",
    });
  }
}
