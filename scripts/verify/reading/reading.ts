import { z } from "../../../supabase/functions/_shared/requests.ts";

/** Staged texts that mean NULL, such as "" or "0". */
const nulls = z.array(z.string()).optional();

/**
 * How the values of a column are read: the one description that the view's SQL and the comparison
 * with the file are both made from.
 *
 * It is kept in a jsonb column, and parsed whenever it comes from there.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const reading: Reading = { as: "time", units: ["seconds", "iso"], nulls: [""] };
 * assertEquals(Reading.parse(JSON.parse(JSON.stringify(reading))), reading);
 * assertEquals(Reading.safeParse({ as: "time", units: [] }).success, false);
 * ```
 */
export const Reading = z.discriminatedUnion("as", [
  z.strictObject({
    as: z.enum(["text", "integer", "real", "boolean", "uuid", "json", "date"]),
    nulls,
  }),
  z.strictObject({
    as: z.literal("numeric"),
    /** The most decimals a value may have, zeros at its end aside. */
    scale: z.int().min(0).max(16_383).optional(),
    nulls,
  }),
  z.strictObject({
    as: z.literal("time"),
    /** How its values are written; each value shows by itself which one it is. */
    units: z.array(z.enum(["seconds", "milliseconds", "microseconds", "julian", "iso"])).min(1),
    nulls,
  }),
  // staged as bytea: there is no text to compare
  z.strictObject({ as: z.literal("bytes") }),
]);
export type Reading = z.infer<typeof Reading>;

/** A way in which a time is written. */
export type TimeUnit = Extract<Reading, { as: "time" }>["units"][number];
