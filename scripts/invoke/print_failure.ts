import type { LandfallError } from "../../supabase/functions/_shared/errors.ts";

/** Says on standard error what failed, why, and what to do. */
export function printFailure(error: LandfallError): void {
  console.error(`error ${error.code}: ${error.message}`);
  if (error.details) console.error(`  ${error.details}`);
  if (error.hint) console.error(`  ${error.hint}`);
}
