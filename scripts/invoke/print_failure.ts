import type { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { printable } from "./printable.ts";

/** Says on standard error what failed, why, and what to do. */
export function printFailure({ code, message, details, hint }: LandfallError): void {
  console.error(`error ${code}: ${safe(message)}`);
  if (details) console.error(`  ${safe(details)}`);
  if (hint) console.error(`  ${safe(hint)}`);
}

/** A failure may quote a source key; its own lines stay. */
function safe(text: string): string {
  return text.split("\n").map(printable).join("\n  ");
}
