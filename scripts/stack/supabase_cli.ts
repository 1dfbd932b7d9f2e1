import config from "../../deno.json" with { type: "json" };
import { projectFolder } from "./local_folder.ts";

/**
 * Names the command that runs the real Supabase CLI on this project: the `supabase` on the PATH
 * when it is newer than the one that deno.json pins, else that one from npm.
 *
 * @param args The CLI's arguments, as typed.
 * @param options How input and output are connected; piped output by default.
 */
export async function supabaseCli(
  args: readonly string[],
  options: Deno.CommandOptions = {},
): Promise<Deno.Command> {
  const pinned = config.imports.supabase;
  const [command, first] = isNewer(await versionOnPath(), pinned)
    ? ["supabase", []]
    : [Deno.execPath(), ["run", "--allow-all", "--quiet", pinned]];
  return new Deno.Command(command, { cwd: projectFolder, ...options, args: [...first, ...args] });
}

async function versionOnPath(): Promise<string> {
  try {
    const { stdout } = await new Deno.Command("supabase", { args: ["--version"] }).output();
    return new TextDecoder().decode(stdout);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

function isNewer(version: string, than: string): boolean {
  const [a, b] = [numbers(version), numbers(than)];
  const first = a.findIndex((number, place) => number !== b[place]);
  return first >= 0 && a[first]! > b[first]!;
}

/** The three numbers of a version: `npm:supabase@2.117.0` gives 2, 117 and 0. */
function numbers(version: string): number[] {
  return /(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [];
}
