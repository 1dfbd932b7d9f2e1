import type { RunReport } from "../../supabase/functions/_shared/replies.ts";
import { commandLine } from "./command_line.ts";
import { table } from "./table.ts";

/**
 * Says in lines of text which companies of the source a run stopped taking rows of, why, and what a
 * person may do; nothing when it took all.
 */
export function stoppedCompanies({ runId, pipeline, companies }: RunReport): string[] {
  const stopped = companies?.stopped ?? [];
  if (stopped.length === 0) return [];
  const { company } = stopped[0]!;
  const again = commandLine("migrate", { pipeline, sourceCompany: [company] });
  const undo = runId === null
    ? []
    : [`Or undo it: ${commandLine("rollback", { runId, sourceCompany: [company] })}`];
  return [
    "",
    ...table(["stopped", "because"], stopped.map(({ company, error }) => [company, error.message])),
    "",
    `Mend its rows, then migrate the rest of it: ${again}`,
    ...undo,
  ];
}
