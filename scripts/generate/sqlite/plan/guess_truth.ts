import { declaration } from "./declaration.ts";
import { accepts, allAre, type Guess, type Subject } from "./guess.ts";
import { nameHints } from "../../names/name_hints.ts";

/** A number beside 0 and 1. */
const OTHER_NUMBER = /(?<![\w.])(?:\d{2,}|[2-9])(?!\w)/;

/** Looks whether a column holds truth values: it is declared so, or holds nothing else. */
export function guessTruth(subject: Subject): Guess | undefined {
  const { column, census, isKey, checks } = subject;
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
    return { ...guess, fits: words, evidence: [allAre(words, "text", "true or false")] };
  }
  const both = census.zeros > 0 && census.ones > 0;
  if (!both || numbers < census.values || nameHints(column.name).count) return undefined;
  const said = [column.default?.text ?? "", ...checks.filter((text) => text.includes(column.name))];
  if (said.some((text) => OTHER_NUMBER.test(text))) return undefined;
  return { ...guess, fits, evidence: [allAre(numbers, "value", "0 or 1")] };
}
