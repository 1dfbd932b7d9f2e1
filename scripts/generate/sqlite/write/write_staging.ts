import type { PipelinePlan, TablePlan } from "../plan/pipeline_plan.ts";
import { identifier } from "../../sql/identifier.ts";
import { literal } from "../../sql/literal.ts";
import { sourceKey } from "./source_key.ts";

/**
 * Writes a staging table: every value as a text, which holds whatever SQLite may hold in any column,
 * so that a value that does not fit is rejected with its row and stops nobody else's.
 */
export function writeStaging({ file, pipeline }: PipelinePlan, table: TablePlan): string {
  const name = `staging.${identifier(table.staging)}`;
  const [key, another] = table.sourceKey;
  const staged = table.staged.find(({ file }) => file === key);
  const isText = staged?.type === "text" && !staged.secret;
  const isPlain = table.rowId === undefined && another === undefined && isText;
  const columns = [
    ...table.rowId === undefined ? [] : [
      `  ${identifier(table.rowId)} text not null${
        table.sourceKey.length === 0 ? " primary key" : ""
      }`,
    ],
    ...table.staged.map((column) => {
      const isKey = isPlain && column.file === key;
      return `  ${identifier(column.name)} ${column.type}${isKey ? " not null primary key" : ""}`;
    }),
  ];
  const finds = isPlain || table.sourceKey.length === 0
    ? ""
    : `\n\n-- finds the rows of a batch\ncreate index on ${name} ((${sourceKey(table, "")}));`;
  return `create table ${name} (
${columns.join(",\n")}
);${finds}

comment on table ${name} is
${literal(`Table ${table.file.name} of ${file}, as it is, for pipeline ${pipeline}.`)};`;
}
