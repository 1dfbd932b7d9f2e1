import type { TablePlan } from "../plan/pipeline_plan.ts";
import { identifier } from "./identifier.ts";

/**
 * Writes the expression that names a row: its key, or its parts as SQL writes texts; its rowid where
 * it has no key, or where a part of that is NULL. A secret stands as its md5: keys are shown.
 *
 * @param of What stands before a column: `legacy.`
 */
export function sourceKey(table: TablePlan, of: string): string {
  const parts = table.sourceKey.map((key) => {
    const { name, type, secret } = table.staged.find(({ file }) => file === key)!;
    const column = of + identifier(name);
    if (secret) return `md5(${column})`;
    return type === "bytea" ? `encode(${column}, 'hex')` : column;
  });
  const key = parts.length === 1
    ? parts[0]!
    : parts.map((part) => `quote_literal(${part})`).join(" || ',' || ");
  if (table.rowId === undefined) return key;
  const rowId = of + identifier(table.rowId);
  return parts.length === 0 ? rowId : `coalesce(${key}, 'rowid ' || ${rowId})`;
}
