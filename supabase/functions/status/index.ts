import { StatusRequest } from "../_shared/requests.ts";
import { serve } from "../_shared/serve.ts";

/** Says where every pipeline, one pipeline, or one run stands. */
export default {
  fetch: serve("status", StatusRequest, ({ pipeline, runId }, { engine }) => {
    return runId === undefined ? engine.status(pipeline) : engine.runReport(runId);
  }),
};
