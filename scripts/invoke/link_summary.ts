import type { LinkReport } from "../../supabase/functions/_shared/replies.ts";
import { commandLine } from "./command_line.ts";
import { printable } from "./printable.ts";

/** Says in lines of text whose account was found by hand, and how to load what waits for it. */
export function linkSummary({ legacyUserId, supabaseUserId, waiting }: LinkReport): string[] {
  const rows = `${waiting.toLocaleString("en-US")} ${waiting === 1 ? "row waits" : "rows wait"}`;
  return [
    `Legacy user ${printable(legacyUserId)} is linked to account ${supabaseUserId}.`,
    waiting === 0 ? "No row waits." : `${rows}. Load with: ${commandLine("resolve-users")}`,
  ];
}
