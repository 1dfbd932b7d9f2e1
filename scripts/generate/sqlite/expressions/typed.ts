import { enclosed, LEVEL, type Term } from "./term.ts";

/**
 * A term with its type where nothing beside it says so: a literal with decimals would be a numeric
 * in Postgres, while it is a double in SQLite.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LEVEL, type Term } from "./term.ts";
 *
 * const half: Term = { kind: "real", sql: "0.5", level: LEVEL.primary, literal: 0.5 };
 * assertEquals(typed(half).sql, "0.5::double precision");
 * ```
 */
export function typed(term: Term): Term {
  if (term.kind !== "real" || term.literal === undefined) return term;
  const { literal: _, ...rest } = term;
  return { ...rest, sql: `${enclosed(term, LEVEL.cast)}::double precision`, level: LEVEL.cast };
}
