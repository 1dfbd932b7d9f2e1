import { sourceKeySql } from "../../../verify/source_key_sql.ts";
import type { TablePlan } from "../plan/pipeline_plan.ts";
import { identifier } from "../../sql/identifier.ts";

/**
 * Writes the expression that names a row of a staging table.
 *
 * @param of What stands before a column: `legacy.`
 */
export function sourceKey({ sourceKey, staged, rowId }: TablePlan, of: string): string {
  const parts = sourceKey.map((key) => {
    const { name, type, secret } = staged.find(({ file }) => file === key)!;
    return { column: of + identifier(name), bytes: type === "bytea", secret };
  });
  return sourceKeySql(parts, rowId === undefined ? undefined : of + identifier(rowId));
}
