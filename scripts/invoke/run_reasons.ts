import type { RunReport } from "../../supabase/functions/_shared/replies.ts";
import { reasonTable } from "./reason_table.ts";

/** Says in tables why rows of a run were rejected, remarked on, or not pruned. */
export function runReasons({ rejects, findings, leftovers }: RunReport): string[] {
  return [
    ...reasonTable("rejected because", rejects),
    ...reasonTable(
      "finding",
      findings.map(({ finding, reason, ...rest }) => ({ ...rest, reason: reason ?? finding })),
    ),
    ...reasonTable("not pruned because", leftovers),
  ];
}
