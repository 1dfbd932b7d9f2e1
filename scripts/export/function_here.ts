import type { FunctionName } from "../../supabase/functions/_shared/requests.ts";
import { logBy } from "../../supabase/functions/_shared/log.ts";
import type { Target } from "../invoke/target.ts";

/**
 * A project whose edge function runs in this process instead of its own: without the platform's
 * limits, and with a database that only this machine reaches.
 *
 * @param target The project, whose engine the function calls.
 * @param settings The function's settings.
 * @param log Takes the lines of the function's log.
 */
export async function functionHere(
  target: Target,
  name: FunctionName,
  settings: Readonly<Record<string, string>>,
  log: (line: string) => void,
): Promise<Target> {
  logBy(log);
  const variables = {
    SUPABASE_URL: target.url,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: target.secretKey }),
    // must be there, and opens nothing
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: "sb_publishable_none" }),
    SUPABASE_JWKS: JSON.stringify({ keys: [] }),
    ...settings,
  };
  for (const [variable, value] of Object.entries(variables)) Deno.env.set(variable, value);
  const index = new URL(`../../supabase/functions/${name}/index.ts`, import.meta.url);
  const { default: edgeFunction } = await import(index.href);
  return {
    ...target,
    fetch: async (input, init) => await edgeFunction.fetch(new Request(input, init)),
  };
}
