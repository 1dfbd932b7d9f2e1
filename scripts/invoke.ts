/**
 * Calls an edge function from the command line: `deno task supabase functions invoke <name> …`.
 *
 * Reads      SUPABASE_URL and SUPABASE_SECRET_KEY
 * Writes     nothing; the function does
 * Exit codes 0 clean, 1 failed, 2 wrong usage, 3 finished with rejects or rows left,
 *            4 verification differs, 130 interrupted
 */
import { closestString } from "@std/text";
import {
  type FunctionName,
  REQUESTS,
  type VerifyRequest,
} from "../supabase/functions/_shared/requests.ts";
import { redact } from "../supabase/functions/_shared/core/redact.ts";
import { LandfallError } from "../supabase/functions/_shared/errors.ts";
import { exitOfAgainst, takeAgainst } from "./invoke/against.ts";
import { callAndReport } from "./invoke/call_and_report.ts";
import { EXIT, exitOfFailure } from "./invoke/exit_code.ts";
import { help } from "./invoke/help.ts";
import { printFailure } from "./invoke/print_failure.ts";
import { type Invocation, readFlags } from "./invoke/read_flags.ts";
import { findTarget } from "./invoke/target.ts";

/**
 * Calls a function, shows how the work goes, and says what came of it.
 *
 * @param args The function's name and its flags.
 * @returns The exit code.
 */
export async function invoke(args: string[]): Promise<number> {
  const [name, ...flags] = args;
  if (name === undefined || name.startsWith("-")) {
    console.log(help());
    return name === undefined ? EXIT.usage : EXIT.clean;
  }
  try {
    const known = functionNamed(name);
    if (flags.includes("--help")) {
      console.log(help(known));
      return EXIT.clean;
    }
    const { against, rest } = takeAgainst(known, flags);
    const invocation = readFlags(known, rest);
    if (against === undefined) return await callAndReport(invocation, findTarget());
    return await callAndCompare(invocation, against);
  } catch (error) {
    const failure = error instanceof LandfallError ? error : unexpected(name, error);
    if (flags.includes("--json")) console.log(JSON.stringify(failure));
    printFailure(failure);
    return exitOfFailure(failure);
  }
}

/** Compares with the file, and then, as the function does, with what was imported. */
async function callAndCompare(invocation: Invocation, path: string): Promise<number> {
  const { pipeline, tables, samples } = invocation.body as Partial<VerifyRequest>;
  if (pipeline === undefined) {
    throw new LandfallError("LF008", "A file is compared with a pipeline, not with a run", {
      hint: "Write verify --pipeline <name> --against <SQLite file>.",
    });
  }
  // only whoever compares with a file needs what reads one
  const { compareFile } = await import("./verify/compare_file.ts");
  const { showAgainst } = await import("./verify/show_against.ts");
  const { Progress } = await import("./invoke/progress.ts");
  using progress = new Progress();
  const compared = await compareFile(
    { path, pipeline, tables, samples: samples ?? 5 },
    (done, total) => progress.update({ done, total }),
  );
  progress[Symbol.dispose]();
  const code = await callAndReport(invocation, findTarget(), { against: compared });
  if (!invocation.json) console.log(["", ...showAgainst(compared)].join("\n"));
  return Math.max(code, exitOfAgainst(compared));
}

function functionNamed(name: string): FunctionName {
  if (Object.hasOwn(REQUESTS, name)) return name as FunctionName;
  const names = Object.keys(REQUESTS);
  throw new LandfallError("LF003", `There is no function ${JSON.stringify(name)}`, {
    details: `Functions are ${names.join(", ")}.`,
    hint: `Did you mean ${closestString(name, names)}?`,
  });
}

function unexpected(name: string, error: unknown): LandfallError {
  return new LandfallError("LF007", `Calling ${name} failed unexpectedly`, {
    details: redact(error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
    hint: "Call again with --verbose, or look into the function's log.",
    cause: error,
  });
}

if (import.meta.main) Deno.exit(await invoke(Deno.args));
