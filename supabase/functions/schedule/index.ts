import { ScheduleRequest } from "../_shared/requests.ts";
import { serve } from "../_shared/serve.ts";

/** Has pg_cron resolve users and continue runs. */
export default {
  fetch: serve("schedule", ScheduleRequest, ({ every, requireSignIn }, { engine }) => {
    return engine.schedule(every, requireSignIn);
  }),
};
