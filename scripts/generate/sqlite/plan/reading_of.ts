import type { Reading, TimeUnit } from "../../../verify/reading/reading.ts";

const READINGS: readonly [RegExp, (type: string) => Reading][] = [
  [/^(text|varchar|character varying)/, () => ({ as: "text" })],
  [/^(smallint|int|integer|bigint|int[248])$/, () => ({ as: "integer" })],
  [/^numeric\(\d+\)$/, () => ({ as: "numeric", scale: 0 })],
  [/^numeric\(\d+, ?\d+\)$/, (type) => ({ as: "numeric", scale: Number(type.match(/\d+/g)![1]) })],
  [/^numeric$/, () => ({ as: "numeric" })],
  [/^(double precision|float8)$/, () => ({ as: "real" })],
  [/^(boolean|bool)$/, () => ({ as: "boolean" })],
  [/^uuid$/, () => ({ as: "uuid" })],
  [/^jsonb$/, () => ({ as: "json" })],
  [/^bytea$/, () => ({ as: "bytes" })],
  [/^date$/, () => ({ as: "date" })],
];

/**
 * How values are read for a type that a person has chosen.
 *
 * @param chosen How they would be read else: it tells how times are written.
 * @param units How times are written, where the person says that, too.
 * @returns Nothing for a type whose values only Postgres itself can read.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readingOf("numeric(10,2)", { as: "text" }, undefined), { as: "numeric", scale: 2 });
 * assertEquals(readingOf("point", { as: "text" }, undefined), undefined);
 * ```
 */
export function readingOf(
  type: string,
  chosen: Reading,
  units: TimeUnit[] | undefined,
): Reading | undefined {
  const plain = type.trim().toLowerCase();
  if (/^(timestamptz|timestamp with time zone)$/.test(plain)) {
    if (units) return { as: "time", units };
    return chosen.as === "time"
      ? chosen
      : { as: "time", units: ["seconds", "milliseconds", "microseconds", "iso"] };
  }
  return READINGS.find(([pattern]) => pattern.test(plain))?.[1](plain);
}
