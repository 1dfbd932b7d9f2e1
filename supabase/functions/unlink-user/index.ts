import { UnlinkUserRequest } from "../_shared/requests.ts";
import { notify } from "../_shared/notify.ts";
import { serve } from "../_shared/serve.ts";

/** Ends the link between a legacy user and an account, and takes back the rows that came by it. */
export default {
  fetch: serve("unlink-user", UnlinkUserRequest, async (request, { engine }) => {
    const report = await engine.unlinkUser(request);
    for (const run of report.runs) await notify(engine, run);
    return report;
  }),
};
