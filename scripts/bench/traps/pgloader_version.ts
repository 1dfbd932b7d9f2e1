/** The version of pgloader on the PATH; undefined where there is none. */
export async function pgloaderVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await new Deno.Command("pgloader", { args: ["--version"] }).output();
    return /"(.+?)"/.exec(new TextDecoder().decode(stdout))?.[1] ?? "unknown";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
