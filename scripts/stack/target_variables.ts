import { runningStack } from "./running_stack.ts";
import { stackVariables } from "./stack_variables.ts";
import { supabaseCli } from "./supabase_cli.ts";

/**
 * The environment that tells `functions invoke` which project to call: what the user set, else the
 * local stack, else the one that `supabase start` runs in Docker.
 *
 * @returns Nothing when there is none of them.
 */
export async function targetVariables(): Promise<Record<string, string>> {
  if (Deno.env.get("SUPABASE_URL")) return {};
  const stack = await runningStack();
  const { API_URL, SECRET_KEY } = stack ? stackVariables(stack) : await dockerVariables();
  return API_URL && SECRET_KEY ? { SUPABASE_URL: API_URL, SUPABASE_SECRET_KEY: SECRET_KEY } : {};
}

async function dockerVariables(): Promise<Record<string, string>> {
  const command = await supabaseCli(["status", "--output", "json"]);
  const { success, stdout } = await command.output();
  return success ? JSON.parse(new TextDecoder().decode(stdout)) : {};
}
