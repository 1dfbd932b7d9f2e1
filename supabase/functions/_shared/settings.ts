import { LandfallError } from "./errors.ts";

/** What the environment decides. */
export interface Settings {
  /** How long one call may work on a run, in milliseconds. */
  readonly budgetMs: number;
}

/** The platform cuts a request that has said nothing for 150 s. */
const LONGEST_BUDGET_MS = 140_000;
const USUAL_BUDGET_MS = 120_000;

/**
 * Reads the settings, for every call anew.
 *
 * @throws LF006 when one of them is malformed.
 */
export function settings(): Settings {
  const text = Deno.env.get("LANDFALL_BUDGET_MS");
  if (!text) return { budgetMs: USUAL_BUDGET_MS };

  const budgetMs = Number(text);
  if (!Number.isInteger(budgetMs) || budgetMs < 1 || budgetMs > LONGEST_BUDGET_MS) {
    throw new LandfallError(
      "LF006",
      `LANDFALL_BUDGET_MS must be a whole number from 1 to ${LONGEST_BUDGET_MS}`,
      { hint: "Correct the function's secret, or take it away." },
    );
  }
  return { budgetMs };
}
