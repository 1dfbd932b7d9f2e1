import { fromFileUrl } from "@std/path";
import type { Target } from "../../invoke/target.ts";
import type { ScriptReport } from "./report_script.ts";

/**
 * Runs a migration script as a process of its own, as a person would.
 *
 * @param name The file in this folder.
 * @param store The table it reads.
 */
export async function runScript(
  name: string,
  store: string,
  target: Target,
): Promise<ScriptReport> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", fromFileUrl(new URL(name, import.meta.url)), store],
    env: { SUPABASE_URL: target.url, SUPABASE_SECRET_KEY: target.secretKey },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new Error(`${name} failed:\n${text(stderr)}`);
  return JSON.parse(text(stdout));
}
