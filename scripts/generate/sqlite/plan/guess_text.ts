import { declaration } from "./declaration.ts";
import type { Guess, Subject } from "./guess.ts";

const count = (value: number): string => value.toLocaleString("en-US");

/** What a column becomes that is nothing else: text holds all but blobs, and loses nothing. */
export function guessText({ column, census }: Subject): Guess {
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
