import type { AgainstReport } from "../verify/compare_file.ts";
import { EXIT } from "./exit_code.ts";
import { type Begun, follow } from "./follow.ts";
import type { Invocation } from "./read_flags.ts";
import { readReply } from "./read_reply.ts";
import type { Target } from "./target.ts";

/** What a reply is reported with. */
export interface ReportOptions {
  /** What a comparison with a file found, for the reply as JSON. */
  readonly against?: AgainstReport;
  /** Spells a command that continues the work, where it is not a call of the function. */
  readonly spell?: (command: string) => string;
}

/**
 * Calls a function until its work is done, prints what came of it, and says after Ctrl-C or a
 * failure how to continue.
 *
 * @returns The exit code.
 */
export async function callAndReport(
  invocation: Invocation,
  target: Target,
  { against, spell = (command) => command }: ReportOptions = {},
): Promise<number> {
  if (invocation.verbose) {
    console.error(`POST ${target.url}/functions/v1/${invocation.name}`);
    console.error(JSON.stringify(invocation.body));
  }

  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  Deno.addSignalListener("SIGINT", onInterrupt);
  const begun: Begun = {};
  try {
    const reply = await follow(target, invocation, begun, interrupt.signal);
    return report(invocation, reply, against);
  } catch (error) {
    if (begun.next) console.error(`Continue with: ${spell(begun.next.command)}`);
    if (interrupt.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    Deno.removeSignalListener("SIGINT", onInterrupt);
  }
}

/** Prints the reply and gives the exit code that goes with it. */
function report(invocation: Invocation, reply: unknown, against?: AgainstReport): number {
  const { lines, explanation, exitCode } = readReply(invocation, reply);
  const whole = against === undefined ? reply : { ...reply as object, against };
  console.log(invocation.json ? JSON.stringify(whole) : lines.join("\n"));
  if (invocation.verbose && explanation.length > 0) console.error(explanation.join("\n"));
  return exitCode;
}
