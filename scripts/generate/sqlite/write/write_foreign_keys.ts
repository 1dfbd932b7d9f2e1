import type { ForeignKeyPlan, PipelinePlan, TablePlan } from "../plan/pipeline_plan.ts";
import { identifier } from "../../sql/identifier.ts";
import { remark } from "../../sql/remark.ts";
import { targetName } from "./write_target.ts";

/** Writes the foreign keys, when all tables are there; those that close a circle as comments. */
export function writeForeignKeys(plan: PipelinePlan): string[] {
  const written = plan.tables.flatMap((table) =>
    table.foreignKeys.map((foreignKey) => statement(plan, table, foreignKey))
  );
  return written.length === 0 ? [] : [written.join("\n")];
}

function statement(
  plan: PipelinePlan,
  table: TablePlan,
  { name, columns, parent, parentColumns, clauses, postponed }: ForeignKeyPlan,
): string {
  const target = plan.tables.find(({ file }) => file.name === parent)!;
  const list = (names: readonly string[]) => names.map(identifier).join(", ");
  const lines = [
    `alter table ${targetName(plan, table)}`,
    `  add constraint ${identifier(name)} foreign key (${list(columns)})`,
    `  references ${targetName(plan, target)} (${list(parentColumns)})${clauses};`,
  ];
  if (!postponed) return lines.join("\n");
  return [
    ...remark("", [
      "it closes a circle, and the engine writes parents first: add it when all rows are migrated",
    ]),
    // a name may hold the end of a line, which would end the comment
    ...lines.join("\n").split(/\r\n|[\r\n]/).map((line) => `--   ${line}`),
  ].join("\n");
}
