import type { Reading } from "../../../verify/reading/reading.ts";
import type { ColumnCensus } from "../census/column_census.ts";
import type { FileColumn } from "../schema/file_schema.ts";
import { declaration } from "./declaration.ts";
import { nameHints } from "./name_hints.ts";
import { timeRange } from "./time_range.ts";

/** How a column is read, and what speaks for it. */
export interface Choice {
  /** The type in Postgres. */
  readonly type: string;
  readonly reading: Reading;
  /** Sentences with the evidence; none when the declaration says it all and every value agrees. */
  readonly evidence: readonly string[];
  /** Values that are not of the type: their rows are rejected, or left out by an import. */
  readonly misfits: number;
}

/** What a person may switch off. */
export interface ReadingOptions {
  readonly timestamps: boolean;
  readonly json: boolean;
}

/** What is known of a column when its reading is chosen. */
export interface Subject extends ReadingOptions {
  readonly column: FileColumn;
  readonly census: ColumnCensus;
  /** Whether it is a key, or part of one: a key of 0 and 1 is no truth value. */
  readonly isKey: boolean;
}

type Guess = Omit<Choice, "misfits"> & { readonly fits: number };

const UNITS = ["seconds", "milliseconds", "microseconds", "julian"] as const;

const count = (value: number): string => value.toLocaleString("en-US");

/**
 * Chooses what a column becomes: what it was declared to be if at least nine in ten values are that,
 * or else what every single value is, or else text, which loses nothing.
 */
export function chooseReading(subject: Subject): Choice {
  const { census } = subject;
  if (census.values === 0) return byDeclaration(subject);
  const guess = [bytes, truth, time, uuid, json, numbers].map((look) => look(subject))
    .find((found) => found !== undefined) ?? text(subject);
  const misfits = census.values - guess.fits;
  return {
    type: guess.type,
    reading: guess.reading,
    misfits,
    evidence: misfits === 0 ? guess.evidence : [...guess.evidence, ...misfitsOf(subject, misfits)],
  };
}

function said(many: number, noun: string, one: string, several = one): string {
  return many === 1 ? `its only ${noun} is ${one}` : `all ${count(many)} ${noun}s are ${several}`;
}

/** Whether enough of the values are what the column is meant to hold, or all that it could be. */
function accepts({ census }: Subject, fits: number, meant: boolean, ignored = 0): boolean {
  const rest = census.values - ignored;
  return fits > 0 && (meant ? (rest - fits) * 10 <= rest : fits === census.values);
}

function bytes({ census }: Subject): Guess | undefined {
  if (census.blobs * 2 <= census.values) return undefined;
  return { type: "bytea", reading: { as: "bytes" }, fits: census.blobs, evidence: [] };
}

function truth(subject: Subject): Guess | undefined {
  const { column, census, isKey } = subject;
  const { means } = declaration(column.declared);
  const declared = means === "boolean" || /^\(*(true|false)\)*$/i.test(column.default?.text ?? "");
  const numbers = census.zeros + census.ones;
  const fits = numbers + census.textsAs.boolean;
  const guess = { type: "boolean", reading: { as: "boolean" } as const };
  if (declared && accepts(subject, fits, true, census.empty)) {
    return {
      ...guess,
      fits,
      evidence: means === "boolean" ? [] : ["its default is a truth value"],
    };
  }
  if (isKey || declared) return undefined;
  const words = census.textsAs.trueOrFalse;
  if (words === census.values) {
    return { ...guess, fits: words, evidence: [said(words, "text", "true or false")] };
  }
  const both = census.zeros > 0 && census.ones > 0;
  if (!both || numbers < census.values || nameHints(column.name).count) return undefined;
  return { ...guess, fits, evidence: [said(numbers, "value", "0 or 1")] };
}

function time(subject: Subject): Guess | undefined {
  const { column, census, timestamps } = subject;
  if (!timestamps) return undefined;
  const { means } = declaration(column.declared);
  const declared = means === "time" || means === "date";
  const meant = declared || nameHints(column.name).time;
  const { date, time } = census.textsAs;
  const used = meant ? UNITS.filter((unit) => census.units[unit].count > 0) : [];
  const fits = used.reduce((sum, unit) => sum + census.units[unit].count, date + time);
  if (!accepts(subject, fits, meant, census.empty + census.zeros)) return undefined;
  const evidence = [timeRange(census, fits, used)];
  if (used.length === 0 && time === 0 && means !== "time") {
    return { type: "date", reading: { as: "date" }, fits, evidence: declared ? [] : evidence };
  }
  const units = date + time > 0 ? [...used, "iso" as const] : used;
  return { type: "timestamptz", reading: { as: "time", units }, fits, evidence };
}

function uuid(subject: Subject): Guess | undefined {
  const { column, census } = subject;
  const meant = declaration(column.declared).means === "uuid";
  const fits = census.textsAs.uuid;
  if (!accepts(subject, fits, meant, census.empty)) return undefined;
  const evidence = meant ? [] : [said(fits, "text", "a uuid", "uuids")];
  return { type: "uuid", reading: { as: "uuid" }, fits, evidence };
}

function json(subject: Subject): Guess | undefined {
  const { column, census } = subject;
  if (!subject.json) return undefined;
  const meant = declaration(column.declared).means === "json";
  const fits = meant ? census.textsAs.json : census.textsAs.document;
  if (!accepts(subject, fits, meant, census.empty)) return undefined;
  const evidence = meant
    ? []
    : [said(fits, "text", "a JSON object or array", "JSON objects or arrays")];
  return { type: "jsonb", reading: { as: "json" }, fits, evidence };
}

function numbers(subject: Subject): Guess | undefined {
  const { column, census } = subject;
  const { means, sizes } = declaration(column.declared);
  const meant = means === "integer" || means === "real" || means === "numeric";
  const fits = census.integers + census.reals;
  if (!accepts(subject, fits, meant, census.empty)) return undefined;
  const isFinite = census.leastNumber > -Infinity && census.mostNumber < Infinity;
  const mixed = census.integers > 0 && census.reals > 0;
  if (means === "numeric" && isFinite) {
    const [precision, scale = 0] = sizes;
    const holds = precision !== undefined && census.decimals <= scale &&
      census.wholeDigits <= precision - scale;
    return {
      type: holds ? `numeric(${precision},${scale})` : "numeric",
      reading: holds ? { as: "numeric", scale } : { as: "numeric" },
      fits,
      evidence: precision === undefined || holds
        ? []
        : [`declared ${column.declared}, but values have more digits`],
    };
  }
  if (census.reals === 0 && means !== "real") {
    const evidence = means === "integer" ? [] : [said(fits, "value", "an integer", "integers")];
    return { type: "bigint", reading: { as: "integer" }, fits, evidence };
  }
  if (census.inexact > 0 && isFinite) {
    const evidence = ["integers and reals, which a double precision would change"];
    return { type: "numeric", reading: { as: "numeric" }, fits, evidence };
  }
  return {
    type: "double precision",
    reading: { as: "real" },
    fits,
    evidence: mixed ? [`${count(census.integers)} integers and ${count(census.reals)} reals`] : [],
  };
}

function text({ column, census }: Subject): Guess {
  const { means, sizes: [length] } = declaration(column.declared);
  const numbers = census.integers + census.reals;
  const fits = census.texts + numbers;
  const limited = means === "text" && length !== undefined && /char/i.test(column.declared);
  const short = limited && length > 0 && census.longest <= length && numbers === 0;
  const evidence = [];
  if (limited && !short) {
    evidence.push(
      `declared ${column.declared}, but the longest has ${count(census.longest)} characters`,
    );
  }
  if (numbers > 0) {
    evidence.push(
      `${count(numbers)} numbers among ${count(census.values)} values: each as its digits`,
    );
  }
  if (means !== "text" && means !== undefined && numbers < fits) {
    evidence.push(`declared ${column.declared}, but too few values are that`);
  }
  return { type: short ? `varchar(${length})` : "text", reading: { as: "text" }, fits, evidence };
}

function misfitsOf({ census }: Subject, misfits: number): string[] {
  const stays = census.blobs + census.damaged;
  const sentences = [`${count(misfits)} of ${count(census.values)} values are none`];
  if (census.damaged > 0) {
    sentences.push(
      `${count(census.damaged)} texts hold a NUL or are no UTF-8: an import leaves their rows out`,
    );
  }
  if (misfits > stays) sentences.push("rows with such values are rejected");
  if (census.empty > 0) {
    sentences.push(`${count(census.empty)} are empty: "nulls": [""] makes them NULL`);
  }
  return sentences;
}

function byDeclaration({ column, timestamps, json }: Subject): Choice {
  const { means, sizes: [size, scale = 0] } = declaration(column.declared);
  const choice = (type: string, reading: Reading): Choice => ({
    type,
    reading,
    misfits: 0,
    evidence: ["no values: by its declaration"],
  });
  switch (means) {
    case "integer":
      return choice("bigint", { as: "integer" });
    case "real":
      return choice("double precision", { as: "real" });
    case "numeric":
      return size === undefined
        ? choice("numeric", { as: "numeric" })
        : choice(`numeric(${size},${scale})`, { as: "numeric", scale });
    case "boolean":
      return choice("boolean", { as: "boolean" });
    case "uuid":
      return choice("uuid", { as: "uuid" });
    case "bytes":
      return choice("bytea", { as: "bytes" });
    case "json":
      return json ? choice("jsonb", { as: "json" }) : choice("text", { as: "text" });
    case "date":
      return timestamps ? choice("date", { as: "date" }) : choice("text", { as: "text" });
    case "time":
      return timestamps
        ? choice("timestamptz", {
          as: "time",
          units: ["seconds", "milliseconds", "microseconds", "iso"],
        })
        : choice("text", { as: "text" });
    default:
      return size && /char/i.test(column.declared)
        ? choice(`varchar(${size})`, { as: "text" })
        : choice("text", { as: "text" });
  }
}
