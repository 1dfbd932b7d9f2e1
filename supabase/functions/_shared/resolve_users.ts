import type { ResolutionReport, ResolveUsersReply, RunReport } from "./replies.ts";
import type { ResolveUsersRequest } from "./requests.ts";
import { isActive } from "./core/is_active.ts";
import { sumOfProgress } from "./core/sum_of_progress.ts";
import { driveAll, type KeptRun } from "./drive_all.ts";
import { log } from "./log.ts";
import type { Call } from "./serve.ts";
import { settings } from "./settings.ts";

/**
 * Links legacy users to their accounts and loads the rows that waited for them, until that is done
 * or the time is over; with `continueRuns` it works on all other runs and roll-backs, too.
 *
 * @returns State `running` means that the time is over: the caller calls again with the same
 * request. A run that cannot go on is in `errors` and does not make it `running`.
 * @throws LF101 or LF602 when there are no users to resolve, LF601 and what else the engine raises;
 * with `continueRuns` the runs have been worked on by then.
 */
export async function resolveUsers(
  { dryRun, continueRuns = false, workers, ...what }: ResolveUsersRequest,
  call: Call,
): Promise<ResolveUsersReply> {
  const { engine } = call;
  if (dryRun) {
    const report = await engine.rehearseResolution(what);
    const progress = sumOfProgress(report.runs.map((run) => run.progress));
    return { ...report, state: "done", progress, errors: [] };
  }

  const { budgetMs } = settings();
  const goesOn = ({ state }: RunReport) => isActive(state) || state === "rolling_back";
  const others = async () =>
    continueRuns ? await engine.unstoppedRuns(what.pipeline) as KeptRun[] : [];
  const work = (runs: KeptRun[]) => driveAll(runs, { budgetMs, workers }, call);

  let resolution: ResolutionReport;
  try {
    resolution = await engine.startResolution(what);
  } catch (error) {
    // runs go on although users cannot be resolved
    await work(await others());
    throw error;
  }
  logCounts(resolution);

  const own = resolution.runs as KeptRun[];
  const known = new Set(own.map(({ runId }) => runId));
  const driven = await work([
    ...own.filter(goesOn),
    ...(await others()).filter(({ runId }) => !known.has(runId)),
  ]);
  const failed = new Set<number | null>(driven.errors.map(({ runId }) => runId));
  const left = driven.runs.some((run) => goesOn(run) && !failed.has(run.runId));
  return {
    ...resolution,
    ...driven,
    runs: [...own.filter((run) => !goesOn(run)), ...driven.runs],
    state: left ? "running" : "done",
  };
}

function logCounts({ users, runs, busy }: ResolutionReport): void {
  log("resolved", {
    linked: users.reduce((sum, { linked }) => sum + linked, 0),
    waiting: users.reduce((sum, { waiting }) => sum + waiting.users, 0),
    runs: runs.length,
    busy: busy.length,
  });
}
