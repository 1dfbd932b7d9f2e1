import { UnscheduleRequest } from "../_shared/requests.ts";
import { serve } from "../_shared/serve.ts";

/** Ends the schedule. */
export default {
  fetch: serve("unschedule", UnscheduleRequest, (_request, { engine }) => engine.unschedule()),
};
