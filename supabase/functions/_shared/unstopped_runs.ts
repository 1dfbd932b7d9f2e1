import { isActive } from "./core/is_active.ts";
import type { KeptRun } from "./drive_all.ts";
import type { Engine } from "./engine.ts";

/**
 * The runs and roll-backs that are not over and that nobody has stopped: neither a person who
 * paused one nor an error budget.
 *
 * @param pipeline Only of this pipeline; of all when none is named.
 */
export async function unstoppedRuns(
  engine: Engine,
  pipeline: string | undefined,
): Promise<KeptRun[]> {
  const { pipelines } = await engine.status(pipeline);
  const ids = pipelines.flatMap(({ runs }) => runs)
    .filter(({ state }) => isActive(state) || state === "rolling_back")
    .map(({ runId }) => runId)
    .sort((one, other) => one - other);
  const reports = await Promise.all(ids.map((runId) => engine.runReport(runId)));
  return reports as KeptRun[];
}
