import { RunRequest } from "../_shared/requests.ts";
import { serve } from "../_shared/serve.ts";

/** Stops a run after the batches being written now; `migrate` continues it. */
export default {
  fetch: serve("pause", RunRequest, ({ runId }, { engine }) => engine.pauseRun(runId)),
};
