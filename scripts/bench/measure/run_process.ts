import { peakMemory } from "./peak_memory.ts";

/** What a process printed, how long it took in milliseconds, and the most memory it has held. */
export interface Measured {
  readonly stdout: string;
  readonly ms: number;
  /** Null where it cannot be known. */
  readonly peakBytes: number | null;
}

/**
 * Runs a script as a process of its own.
 *
 * @param args The script and its arguments.
 * @throws {Error} when it fails.
 */
export async function runProcess(
  args: readonly string[],
  env: Record<string, string>,
): Promise<Measured> {
  const start = performance.now();
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", ...args],
    env,
    stdout: "piped",
  }).spawn();
  let peakBytes: number | null = null;
  const watch = setInterval(async () => {
    peakBytes = await peakMemory(process.pid).catch(() => null) ?? peakBytes;
  }, 20);
  const { code, stdout } = await process.output();
  const ms = performance.now() - start;
  clearInterval(watch);
  const said = new TextDecoder().decode(stdout);
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}: ${said}`);
  return { stdout: said, ms, peakBytes };
}
