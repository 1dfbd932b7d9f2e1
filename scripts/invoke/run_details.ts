import type { RunReport } from "../../supabase/functions/_shared/replies.ts";
import { duration } from "../../supabase/functions/_shared/core/duration.ts";
import { differenceTable } from "./difference_table.ts";
import { entityTable } from "./entity_table.ts";
import { nextStep } from "./next_step.ts";
import { optionsText } from "./options_text.ts";
import { printable } from "./printable.ts";
import { rollbackCounts } from "./rollback_counts.ts";
import { runnerOf } from "./runner.ts";
import { runReasons } from "./run_reasons.ts";
import { stoppedCompanies } from "./stopped_companies.ts";
import { utcTime } from "./utc_time.ts";
import { verdict } from "./verdict.ts";

/**
 * Says in lines of text everything about a run: who asked for it and with which options, its times,
 * what became of every entity and how fast, rejects, findings and leftovers, its verification, its
 * roll-back, and in the last line what to do next.
 */
export function runDetails(report: RunReport): string[] {
  const { runId, pipeline, state } = report;
  return [
    `Run ${runId} of ${pipeline} is ${state.replace("_", " ")}.`,
    "",
    ...facts(report),
    "",
    ...entityTable(report.entities, true),
    ...runReasons(report),
    ...stoppedCompanies(report),
    ...verification(report),
    ...rollback(report),
    "",
    `next        ${nextStep(report, runnerOf(report))}`,
  ];
}

function facts(report: RunReport): string[] {
  const { requestedBy, options, startedAt, finishedAt } = report;
  const { progress: { done, total }, companies, error } = report;
  const { requestedBy: _said, ...asked } = options;
  const end = finishedAt === null ? "not yet" : utcTime(finishedAt);
  const number = (count: number) => count.toLocaleString("en-US");
  return [
    `asked by    ${printable(requestedBy)}`,
    `options     ${printable(optionsText(asked))}`,
    `started     ${utcTime(startedAt)}`,
    `ended       ${end}, after ${duration(report.durationMs)}`,
    `progress    ${number(done)} of ${number(total)} source rows`,
    ...(companies ? [`companies   ${number(companies.count)}`] : []),
    ...(report.users ? [`users       ${usersText(report.users)}`] : []),
    ...(error ? [`error       ${error.code} ${printable(error.message)}`] : []),
  ];
}

/** Those listed, and whatever else is not zero. */
function usersText({ listed, ...others }: NonNullable<RunReport["users"]>): string {
  const counts = Object.entries(others).flatMap(([name, count]) => {
    return count === 0 ? [] : [`${Number(count).toLocaleString("en-US")} ${name}`];
  });
  return [`${listed.toLocaleString("en-US")} listed`, ...counts].join(", ");
}

function verification({ verification }: RunReport): string[] {
  if (verification === null) return ["", "verified    not yet"];
  const { verificationId, finishedAt, differences } = verification;
  return [
    "",
    `verified    ${utcTime(finishedAt)}, verification ${verificationId}. ${verdict(verification)}`,
    ...differenceTable(differences),
  ];
}

function rollback({ rollback }: RunReport): string[] {
  if (rollback === null) return [];
  const { requestedBy, startedAt, finishedAt, durationMs } = rollback;
  const { tables, sourceCompany, force } = rollback;
  const asked = {
    ...(tables ? { tables } : {}),
    ...(sourceCompany ? { sourceCompany } : {}),
    ...(force ? { force } : {}),
  };
  const end = finishedAt ? utcTime(finishedAt) : "not yet";
  return [
    "",
    `roll-back   asked for by ${printable(requestedBy)}, options ${printable(optionsText(asked))}`,
    `started     ${utcTime(startedAt)}`,
    `ended       ${end}, after ${duration(durationMs)}`,
    "",
    ...rollbackCounts(rollback),
  ];
}
