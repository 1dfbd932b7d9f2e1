import { VerifyRequest } from "../_shared/requests.ts";
import { serve } from "../_shared/serve.ts";
import { verify } from "../_shared/verify.ts";

/** Compares every migrated row with its source, or continues a comparison. */
export default { fetch: serve("verify", VerifyRequest, verify) };
