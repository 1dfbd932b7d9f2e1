import type { RunningStack } from "./running_stack.ts";

/** A stack's values under the names that `supabase status` gives them. */
export function stackVariables(stack: RunningStack): Record<string, string> {
  return {
    API_URL: stack.apiUrl,
    DB_URL: stack.databaseUrl,
    PUBLISHABLE_KEY: stack.publishableKey,
    SECRET_KEY: stack.secretKey,
  };
}
