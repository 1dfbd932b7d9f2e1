import { nameHints, snakeCase } from "../../names/name_hints.ts";
import type { ClassCensus } from "../census/store_census.ts";

/** How values are written in documents, and so how they are read and written again. */
export type Form =
  | "text"
  | "uuid"
  | "integer"
  | "integer text"
  | "decimal"
  | "decimal text"
  | "boolean"
  | "boolean text"
  | "date"
  | "time"
  | "time with microseconds"
  | "local time"
  | "epoch seconds"
  | "epoch milliseconds"
  | "mixed times"
  | "json";

/** What a column's values are. */
export interface Guess {
  readonly type: string;
  readonly form: Form;
  readonly evidence: string;
  /** Whether empty texts are there, which mean that there is no value. */
  readonly empties: boolean;
  /** Values that are not empty. */
  readonly values: number;
  /** What nearly every value would have been, and how many are not. */
  readonly nearly: { readonly type: string; readonly misfits: number } | undefined;
}

const INT4 = 2 ** 31;
/** From 2000 to 2040. */
const SECONDS = { least: 946_684_800, most: 2_208_988_800 };
const TEXTUAL =
  /(^|_)(phone|zip|postal|postcode|code|pin|barcode|ean|isbn|sku|number|no|version)(_|$)/;
const count = (value: number): string => value.toLocaleString("en-US");

/**
 * Decides what the values of a member are: what every single one of them can be read as.
 *
 * @param classes What they can be read as, of all spellings of the member together.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const found = { least: null, most: null, longest: 36, scale: null, micros: false, few: false };
 * const { type, evidence } = guessForm("ownerId", [{ ...found, class: "uuid", values: 12 }]);
 *
 * assertEquals([type, evidence], ["uuid", "all 12 values are uuids"]);
 * ```
 */
export function guessForm(name: string, classes: readonly ClassCensus[]): Guess {
  const of = (...names: string[]) =>
    classes.filter((each) => names.includes(each.class))
      .reduce((sum, { values }) => sum + values, 0);
  const empties = of("empty");
  const values = classes.reduce((sum, each) => sum + each.values, 0) - empties - of("null");
  const hints = nameHints(name);
  const isTextual = TEXTUAL.test(snakeCase(name));
  const guess = (
    type: string,
    form: Form,
    what: string,
    nearly?: Guess["nearly"],
  ): Guess => ({
    type,
    form,
    evidence: values === 0
      ? "no value is there"
      : `${values === 1 ? "the one value is" : `all ${count(values)} values are`} ${what}`,
    empties: empties > 0 && type !== "text",
    values,
    nearly,
  });
  const extremes = (...names: string[]) => {
    const found = classes.filter((each) => names.includes(each.class));
    return {
      least: Math.min(...found.map(({ least }) => least ?? 0)),
      most: Math.max(...found.map(({ most }) => most ?? 0)),
      scale: Math.max(0, ...found.map(({ scale }) => scale ?? 0)),
    };
  };
  if (values === 0) return guess("text", "text", "");
  const containers = of("object", "array");
  if (containers > 0) {
    return guess("jsonb", "json", containers === values ? "arrays or objects" : "of several kinds");
  }
  if (of("uuid") === values) return guess("uuid", "uuid", "uuids");
  const booleans = of("boolean", "boolean text");
  if (booleans === values) {
    const form = of("boolean") * 2 >= values ? "boolean" : "boolean text";
    const some = of("boolean text") > 0 ? ", some as text" : "";
    return guess("boolean", form, `true or false${some}`);
  }
  const { least, most } = extremes("int");
  const looksLikeTimes = of("int") > 0 && hints.time;
  const seconds = looksLikeTimes && least >= SECONDS.least && most <= SECONDS.most;
  const milliseconds = looksLikeTimes && least >= SECONDS.least * 1000 &&
    most <= SECONDS.most * 1000;
  if (of("int") === values && (seconds || milliseconds)) {
    const years = [least, most].map((each) =>
      new Date(seconds ? each * 1000 : each).getUTCFullYear()
    );
    const span = years[0] === years[1] ? `of ${years[0]}` : `of ${years[0]} to ${years[1]}`;
    return seconds
      ? guess("timestamptz", "epoch seconds", `epoch seconds ${span}`)
      : guess("timestamptz", "epoch milliseconds", `epoch milliseconds ${span}`);
  }
  if (of("date") === values) return guess("date", "date", "dates");
  const times = of("time", "local time", "date");
  if (of("time") === values) {
    const micros = classes.some((each) => each.class === "time" && each.micros);
    return guess("timestamptz", micros ? "time with microseconds" : "time", "times with a zone");
  }
  if (of("local time") === values) {
    return guess("timestamptz", "local time", "times without a zone, taken as UTC");
  }
  const epochs = seconds || milliseconds ? of("int") : 0;
  if (times > 0 && times + epochs === values) {
    const written = [
      ...of("time", "local time") > 0 ? ["times"] : [],
      ...of("date") > 0 ? ["dates"] : [],
      ...epochs > 0 ? [seconds ? "epoch seconds" : "epoch milliseconds"] : [],
    ];
    return guess("timestamptz", "mixed times", `times, written as ${written.join(" and ")}`);
  }
  const integers = of("int", "int text");
  const numbers = integers + of("decimal", "decimal text");
  const asText = of("int text", "decimal text");
  if (numbers === values && !(isTextual && asText > 0)) {
    const some = asText === 0 ? "" : ", some as text";
    if (integers === values) {
      const digits = Math.max(
        0,
        ...classes.filter((each) => each.class === "int text").map(({ longest }) => longest ?? 0),
      );
      const wide = digits > 9 || least <= -INT4 || most >= INT4;
      return guess(
        wide ? "bigint" : "integer",
        asText * 2 > values ? "integer text" : "integer",
        `integers from ${count(least)} to ${count(most)}${some}`,
      );
    }
    return guess("numeric", asText * 2 > values ? "decimal text" : "decimal", `numbers${some}`);
  }
  const candidates: [string, number][] = [
    ["uuid", of("uuid")],
    ["timestamptz", times + epochs],
    ["numeric", isTextual ? 0 : numbers],
    ["boolean", booleans],
  ];
  const [type, fitting] = candidates.toSorted(([, a], [, b]) => b - a)[0]!;
  return guess(
    "text",
    "text",
    of("email") === values ? "e-mail addresses" : "texts",
    fitting < values && fitting >= values * 0.9 ? { type, misfits: values - fitting } : undefined,
  );
}
