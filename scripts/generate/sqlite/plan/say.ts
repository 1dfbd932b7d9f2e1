import type { Verdict } from "./pipeline_plan.ts";

/** What became of something, and why. */
export type Outcome = Pick<Verdict, "verdict" | "why">;

/** Is told what became of something that a table declares. */
export type Say = (kind: string, name: string, original: string, outcome: Outcome) => void;

/**
 * Makes the function that keeps what is said of a table.
 *
 * @param table The table's name in the file.
 * @param verdicts Where it is kept.
 */
export function sayOf(table: string, verdicts: Verdict[]): Say {
  return (kind, name, original, { verdict, why }) =>
    verdicts.push({
      table,
      kind,
      name,
      verdict,
      why,
      original: verdict === "left out" ? original : undefined,
    });
}
