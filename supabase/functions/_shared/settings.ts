import { LandfallError } from "./errors.ts";

/** What the environment decides. */
export interface Settings {
  /** How long one call may work on a run, in milliseconds. */
  readonly budgetMs: number;
  /** Where the end of a run is told, as it is written; it may be malformed. */
  readonly webhookUrl: string | undefined;
  /** Where documents go, with the user and the password; it may be malformed. */
  readonly mongodbUrl: string | undefined;
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
  // a run is not to fail for want of a message: notify() judges the URL
  const webhookUrl = Deno.env.get("LANDFALL_WEBHOOK_URL") || undefined;
  const mongodbUrl = Deno.env.get("LANDFALL_MONGODB_URL") || undefined;
  const text = Deno.env.get("LANDFALL_BUDGET_MS");
  if (!text) return { budgetMs: USUAL_BUDGET_MS, webhookUrl, mongodbUrl };

  const budgetMs = Number(text);
  if (!Number.isInteger(budgetMs) || budgetMs < 1 || budgetMs > LONGEST_BUDGET_MS) {
    throw new LandfallError(
      "LF006",
      `LANDFALL_BUDGET_MS must be a whole number from 1 to ${LONGEST_BUDGET_MS}`,
      { hint: "Correct the function's secret, or take it away." },
    );
  }
  return { budgetMs, webhookUrl, mongodbUrl };
}
