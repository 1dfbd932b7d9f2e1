import { RollbackRequest } from "../_shared/requests.ts";
import { rollBack } from "../_shared/roll_back.ts";
import { serve } from "../_shared/serve.ts";

/** Undoes what one run has written, or says without `confirm` what that would do. */
export default { fetch: serve("rollback", RollbackRequest, rollBack) };
