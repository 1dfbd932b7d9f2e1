import { MigrateRequest } from "../_shared/requests.ts";
import { runPipeline } from "../_shared/run_pipeline.ts";
import { serve } from "../_shared/serve.ts";

/** Runs any pipeline by its name, or continues a run. */
export default { fetch: serve("migrate", MigrateRequest, runPipeline) };
