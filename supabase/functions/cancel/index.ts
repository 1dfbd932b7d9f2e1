import { RunRequest } from "../_shared/requests.ts";
import { notify } from "../_shared/notify.ts";
import { serve } from "../_shared/serve.ts";

/** Gives up a run after the batches being written now; what it wrote stays. */
export default {
  fetch: serve("cancel", RunRequest, async ({ runId }, { engine }) => {
    const report = await engine.cancelRun(runId);
    await notify(engine, report);
    return report;
  }),
};
