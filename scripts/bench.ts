/**
 * Measures a pipeline beside what it replaces: `deno task bench <name> [flags]`.
 *
 * Reads      nothing
 * Writes     a temporary folder with a stack of its own, removed at the end
 * Exit codes 0 measured, 1 failed, 2 wrong usage
 */
import { redact } from "../supabase/functions/_shared/core/redact.ts";
import { LandfallError } from "../supabase/functions/_shared/errors.ts";
import { benchKv } from "./bench/kv.ts";
import { EXIT, exitOfFailure } from "./invoke/exit_code.ts";
import { printFailure } from "./invoke/print_failure.ts";

const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  kv: benchKv,
};

/**
 * Runs a benchmark.
 *
 * @param args Its name and its flags.
 * @returns The exit code.
 */
export async function bench(args: readonly string[]): Promise<number> {
  try {
    const [name = "", ...flags] = args;
    const run = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
    if (!run) throw unknownBench(name);
    await run(flags);
    return EXIT.clean;
  } catch (error) {
    const failure = error instanceof LandfallError ? error : unexpected(error);
    if (args.includes("--json")) console.log(JSON.stringify(failure));
    printFailure(failure);
    return exitOfFailure(failure);
  }
}

function unknownBench(name: string): LandfallError {
  const message = name === "" ? "Nothing to measure" : `Cannot measure ${JSON.stringify(name)}`;
  return new LandfallError("LF008", message, {
    details: `Benchmarks are ${Object.keys(BENCHES).join(", ")}.`,
    hint: "Usage: deno task bench <name> [flags].",
  });
}

function unexpected(error: unknown): LandfallError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return new LandfallError("LF007", "The benchmark failed unexpectedly", {
    details: redact(`${name}: ${message}`),
    hint: "Its temporary folder is removed.",
    cause: error,
  });
}

if (import.meta.main) Deno.exit(await bench(Deno.args));
