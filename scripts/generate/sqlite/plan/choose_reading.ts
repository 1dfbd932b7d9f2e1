import type { Reading } from "../../../verify/reading/reading.ts";
import { byDeclaration } from "./by_declaration.ts";
import type { Subject } from "./guess.ts";
import { guessForm } from "./guess_form.ts";
import { guessNumbers } from "./guess_numbers.ts";
import { guessText } from "./guess_text.ts";
import { guessTime } from "./guess_time.ts";
import { guessTruth } from "./guess_truth.ts";

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

const count = (value: number): string => value.toLocaleString("en-US");

/**
 * Chooses what a column becomes: what it was declared to be if at least nine in ten values are that,
 * or else what every single value is, or else text, which loses nothing.
 */
export function chooseReading(subject: Subject): Choice {
  const { census } = subject;
  if (census.values === 0) return byDeclaration(subject);
  const { fits, ...guess } = guessTruth(subject) ?? guessTime(subject) ?? guessForm(subject) ??
    guessNumbers(subject) ?? guessText(subject);
  const misfits = census.values - fits;
  if (misfits === 0) return { ...guess, misfits };
  return {
    ...guess,
    misfits,
    evidence: [...guess.evidence, ...misfitsOf(subject, misfits, guess.reading)],
  };
}

function misfitsOf({ census }: Subject, misfits: number, { as }: Reading): string[] {
  const stays = census.blobs + census.damaged;
  const sentences = [`${count(misfits)} of ${count(census.values)} values are none`];
  if (census.damaged > 0) {
    sentences.push(
      `${count(census.damaged)} texts hold a NUL or are no UTF-8: an import leaves their rows out`,
    );
  }
  if (misfits > stays) sentences.push("rows with such values are rejected");
  if (census.empty > 0 && as !== "text") {
    sentences.push(`${count(census.empty)} are empty: "nulls": [""] makes them NULL`);
  }
  return sentences;
}
