import type { ColumnCensus } from "./column_census.ts";

/**
 * Names what else a column's values could be read as, with how many of them, where that is at least
 * nine in ten.
 */
export function candidates(census: ColumnCensus): string[] {
  const { values, zeros, ones, integers, reals, textsAs, units, empty } = census;
  const counted: Readonly<Record<string, number>> = {
    "boolean": zeros + ones + textsAs.boolean,
    "integer": integers + textsAs.integer,
    "number": integers + reals + textsAs.number,
    "date": textsAs.date,
    "ISO time": textsAs.time,
    "epoch seconds": units.seconds.count,
    "epoch milliseconds": units.milliseconds.count,
    "epoch microseconds": units.microseconds.count,
    "Julian days": units.julian.count,
    "uuid": textsAs.uuid,
    "JSON": textsAs.document,
  };
  const rest = values - empty;
  return Object.entries(counted)
    .filter(([, many]) => many > 0 && many * 10 >= rest * 9)
    .map(([name, many]) => many === values ? name : `${name} (${many.toLocaleString("en-US")})`);
}
