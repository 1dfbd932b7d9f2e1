import { ResolveUsersRequest } from "../_shared/requests.ts";
import { resolveUsers } from "../_shared/resolve_users.ts";
import { serve } from "../_shared/serve.ts";

/** Links legacy users to their accounts and loads the rows that waited for them. */
export default { fetch: serve("resolve-users", ResolveUsersRequest, resolveUsers) };
