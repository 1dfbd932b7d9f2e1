import type { ColumnCensus } from "../census/column_census.ts";
import type { Unit } from "../census/time_unit.ts";

const NAMES: Readonly<Record<Unit, string>> = {
  seconds: "epoch seconds",
  milliseconds: "epoch milliseconds",
  microseconds: "epoch microseconds",
  julian: "Julian days",
};
const PER_SECOND = { seconds: 1, milliseconds: 1e3, microseconds: 1e6 };

/**
 * Says how a column's times are written, and between which years they lie.
 *
 * @param fits How many of its values are times.
 * @param used The units of its numbers.
 */
export function timeRange(census: ColumnCensus, fits: number, used: readonly Unit[]): string {
  const { units, textsAs, firstTime, lastTime } = census;
  const texts = textsAs.date + textsAs.time > 0;
  const kinds = [...used.map((unit) => NAMES[unit]), ...texts ? ["ISO texts"] : []];
  const years = [
    ...used.flatMap((unit) => [yearOf(unit, units[unit].least), yearOf(unit, units[unit].most)]),
    ...[firstTime, lastTime].flatMap((time) =>
      time === undefined ? [] : [Number(time.slice(0, 4))]
    ),
  ];
  const [first, last] = [Math.min(...years), Math.max(...years)];
  const many = fits.toLocaleString("en-US");
  return [
    fits === 1
      ? "one value,"
      : fits === census.values
      ? `all ${many} values are`
      : `${many} values are`,
    kinds.join(" or "),
    first === last ? `of ${first}` : `between ${first} and ${last}`,
  ].join(" ");
}

function yearOf(unit: Unit, value: number): number {
  const seconds = unit === "julian" ? (value - 2_440_587.5) * 86_400 : value / PER_SECOND[unit];
  return new Date(seconds * 1000).getUTCFullYear();
}
