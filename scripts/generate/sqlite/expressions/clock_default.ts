import type { DefaultColumn } from "./constant_default.ts";
import type { Clock } from "./read_clock.ts";
import { refused } from "./refused.ts";
import { textLiteral } from "./text_literal.ts";
import type { Translation } from "./translate_condition.ts";

const EPOCH = "floor(extract(epoch from now()))::bigint";
const FACTORS = { seconds: "", milliseconds: " * 1000", microseconds: " * 1000000" } as const;

/**
 * Translates a default that reads the clock: a column that became a time gets `now()`, others what
 * they got in SQLite.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const clock = { kind: "epoch", unit: "seconds", fine: false } as const;
 * assertEquals(clockDefault(clock, { kind: "time", timeUnit: "seconds" }), {
 *   kind: "translated",
 *   sql: "now()",
 * });
 * assertEquals(clockDefault(clock, { kind: "time", timeUnit: "milliseconds" }), {
 *   kind: "refused",
 *   why: "its default is in seconds, and its values are in milliseconds",
 * });
 * ```
 */
export function clockDefault(clock: Clock, { kind, timeUnit }: DefaultColumn): Translation {
  switch (kind) {
    case "time":
      return asTime(clock, timeUnit);
    case "date":
      return clock.kind === "text" && clock.template === "YYYY-MM-DD"
        ? { kind: "translated", sql: "(now() at time zone 'utc')::date" }
        : refused("its default is a time, and its values are days");
    case "text":
      return {
        kind: "translated",
        sql: clock.kind === "epoch" ? `(${epoch(clock)})::text` : text(clock),
      };
    case "integer":
    case "real":
    case "numeric":
      return clock.kind === "epoch"
        ? { kind: "translated", sql: epoch(clock) }
        : refused("its default is a time as a text, and its values are numbers");
    default:
      return refused(`its default is a time, and its column holds ${kind} in Postgres`);
  }
}

function asTime(clock: Clock, timeUnit: DefaultColumn["timeUnit"]): Translation {
  if (clock.kind === "epoch") {
    if (clock.unit === timeUnit) return { kind: "translated", sql: "now()" };
    return refused(
      `its default is in ${clock.unit}, and its values are ${
        timeUnit ? `in ${timeUnit}` : "texts"
      }`,
    );
  }
  if (!["YYYY", "MM", "DD", "HH24", "MI"].every((part) => clock.template.includes(part))) {
    return refused("its default is only a part of a time");
  }
  if (timeUnit === undefined) return { kind: "translated", sql: "now()" };
  const remark = `in SQLite its default was a text among numbers of ${timeUnit}`;
  return { kind: "translated", sql: "now()", remark };
}

function epoch({ unit, fine }: Clock & { kind: "epoch" }): string {
  const factor = FACTORS[unit];
  return fine && factor !== ""
    ? `floor(extract(epoch from now())${factor})::bigint`
    : `${EPOCH}${factor}`;
}

function text({ template }: Clock & { kind: "text" }): string {
  return `to_char(now() at time zone 'utc', ${textLiteral(template)})`;
}
