/** What the driver says of a failure. */
export interface DatabaseError {
  readonly code?: unknown;
  readonly message?: string;
  /** There where a database says so, and not the driver itself. */
  readonly severity?: string;
  /** The function of Postgres that failed. */
  readonly routine?: string;
}

/**
 * Connections, users, databases and schemas, transactions, missing relations and functions,
 * privileges, keys and NOT NULL, what is full, limits, locks, a database that ends, damage.
 */
const NAMES_ONLY =
  /^(08|28|3D000|3F000|25006|40|42P01|42883|42501|23502|23503|23505|53|54|55P03|57|58030|XX00[12])/;
/** A value that is too long, out of range or no binary form, which some functions quote. */
const OFTEN = /^(22001|22003|22P03)/;
/** What executes RAISE of PL/pgSQL: with any code it can say anything. */
const RAISE = "exec_stmt_raise";

/**
 * Whether the message of a failure names tables, columns and the like alone, and can be shown: others
 * may quote values of rows.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const error = { severity: "ERROR", code: "55P03", message: "could not obtain lock" };
 * assertEquals(namesOnly(error), true);
 * assertEquals(namesOnly({ ...error, routine: "exec_stmt_raise" }), false);
 * ```
 */
export function namesOnly({ code, message = "", severity, routine }: DatabaseError): boolean {
  if (severity === undefined) return true;
  if (typeof code !== "string" || routine === RAISE) return false;
  return NAMES_ONLY.test(code) || (OFTEN.test(code) && !/["']/.test(message));
}
