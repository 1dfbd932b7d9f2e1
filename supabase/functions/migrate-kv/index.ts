import { MigrateKvRequest } from "../_shared/requests.ts";
import { kvRequest } from "../_shared/kv_request.ts";
import { runPipeline } from "../_shared/run_pipeline.ts";
import { serve } from "../_shared/serve.ts";

/** Runs the pipeline of the key-value store, or continues a run of it. */
export default {
  fetch: serve("migrate-kv", MigrateKvRequest, (request, call) => {
    return runPipeline(kvRequest(request), call);
  }),
};
