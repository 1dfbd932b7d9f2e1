import { LinkUserRequest } from "../_shared/requests.ts";
import { serve } from "../_shared/serve.ts";

/** Links a legacy user to an account by hand; `resolve-users` loads the rows. */
export default {
  fetch: serve("link-user", LinkUserRequest, (request, { engine }) => engine.linkUser(request)),
};
