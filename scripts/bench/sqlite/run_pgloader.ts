/**
 * Runs pgloader; its start is not counted.
 *
 * @param path Where its commands are written to.
 * @returns Why there is no timing where it is not installed, or breaks: its memory is not enough
 * for every file.
 */
export async function runPgloader(
  path: string,
  commands: string,
): Promise<{ ms: number } | string> {
  await Deno.writeTextFile(path, commands);
  try {
    const { stdout } = await new Deno.Command("pgloader", { args: [path] }).output();
    const total = /Total import time .* (?:(\d+)m)?(\d+\.\d+)s/.exec(
      new TextDecoder().decode(stdout),
    );
    if (!total) return "it broke down";
    const [, minutes = "0", seconds] = total;
    return { ms: (Number(minutes) * 60 + Number(seconds)) * 1_000 };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "not on the PATH";
    throw error;
  }
}
