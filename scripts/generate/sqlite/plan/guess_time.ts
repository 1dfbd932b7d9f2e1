import { declaration } from "./declaration.ts";
import { accepts, type Guess, type Subject } from "./guess.ts";
import { nameHints } from "../../names/name_hints.ts";
import { timeRange } from "./time_range.ts";

const UNITS = ["seconds", "milliseconds", "microseconds", "julian"] as const;

/** Looks whether a column holds times or dates; numbers are times only where its name says so. */
export function guessTime(subject: Subject): Guess | undefined {
  const { column, census, timestamps } = subject;
  if (!timestamps) return undefined;
  const { means } = declaration(column.declared);
  const declared = means === "time" || means === "date";
  const meant = declared || nameHints(column.name).time;
  const { date, time } = census.textsAs;
  const used = meant ? UNITS.filter((unit) => census.units[unit].count > 0) : [];
  const fits = used.reduce((sum, unit) => sum + census.units[unit].count, date + time);
  if (!accepts(subject, fits, meant, census.empty + census.zeros)) return undefined;
  const evidence = [
    timeRange(census, fits, used),
    ...census.fine > 0 ? [`rounded to microseconds: ${census.fine.toLocaleString("en-US")}`] : [],
  ];
  if (used.length === 0 && time === 0 && means !== "time") {
    return { type: "date", reading: { as: "date" }, fits, evidence: declared ? [] : evidence };
  }
  const units = date + time > 0 ? [...used, "iso" as const] : used;
  return { type: "timestamptz", reading: { as: "time", units }, fits, evidence };
}
