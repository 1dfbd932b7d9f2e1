const SCRIPTS = new URL("../../scripts/", import.meta.url);

/** What a script printed, and its exit code. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script of the project as a person would, without any project to call by default. */
export async function runScript(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  return ended(await script(name, args, env).output());
}

/** Runs a script and interrupts it, as Ctrl-C does, as soon as something has happened. */
export async function interruptScript(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  happened: () => Promise<boolean>,
): Promise<Ended> {
  const child = script(name, args, env).spawn();
  while (!await happened()) await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill("SIGINT");
  return ended(await child.output());
}

function script(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Deno.Command {
  const file = new URL(name, SCRIPTS).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", file, ...args],
    env: { SUPABASE_URL: "", SUPABASE_SECRET_KEY: "", SUPABASE_DB_URL: "", ...env },
    stdout: "piped",
    stderr: "piped",
  });
}

function ended({ code, stdout, stderr }: Deno.CommandOutput): Ended {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
