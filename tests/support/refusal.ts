import { assert } from "@std/assert";
import postgres from "postgres";

/** What SQL said no with. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly detail: string;
  readonly hint: string;
}

/**
 * Expects a query to be refused by the engine, and returns how.
 *
 * Every refusal of the engine's own has a code, a sentence and a hint that says what to do.
 */
export async function refusal(query: PromiseLike<unknown>, what = ""): Promise<Refusal> {
  try {
    await query;
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    const { code, message, detail = "", hint = "" } = error;
    assert(!code.startsWith("LF") || (message && hint), `${code} lacks a message or a hint`);
    return { code, message, detail, hint };
  }
  throw new Error(`It was not refused: ${what}`);
}
