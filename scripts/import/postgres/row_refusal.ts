import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import { type DatabaseError, namesOnly } from "./names_only.ts";
import type { TablePlan } from "./plan_table.ts";

/** No row's fault: the connection, other transactions, what is full, a database that ends, damage. */
const NO_ROWS_FAULT = /^(08|40|53|55P03|57|58030|XX00[12])/;

/**
 * Says why a staging table refuses a row, without the row.
 *
 * @param error What the target threw; what is no row's fault stays as it is.
 * @param plan How the table is imported.
 */
export function rowRefusal(error: unknown, { relation, staging, columns }: TablePlan): unknown {
  const { code, message, severity, constraint_name: constraint, where = "" } = error as
    & DatabaseError
    & { constraint_name?: string; where?: string };
  if (error instanceof LandfallError || typeof code !== "string" || !severity) return error;
  const safe = namesOnly(error as DatabaseError);
  if (safe && NO_ROWS_FAULT.test(code)) return error;
  if (code === "22021") {
    return new LandfallError("LF011", `Cannot import table ${relation.name}: a text is no UTF-8`, {
      details: "The source does not know the encoding of its texts (SQL_ASCII).",
      hint: "Find out their encoding, and set it right at the source. Nothing was changed.",
      cause: error,
    });
  }
  const [, column] = /, column ([^:]+)/.exec(where) ?? [];
  const type = columns.find(({ name }) => name === column)?.type;
  const details = safe
    ? `${code}: ${message}.`
    : `Postgres failed with ${code}${constraint ? `, constraint ${constraint}` : ""}.`;
  return new LandfallError("LF011", `Cannot import into staging.${staging}: it refuses a row`, {
    details: column ? `${details} Column ${column}${type ? `, ${type}` : ""}.` : details,
    hint: "Nothing was changed. Mend the row at the source, or leave the constraint to the rules " +
      "of the pipeline.",
    cause: error,
  });
}
