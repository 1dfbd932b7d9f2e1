import { RunReport } from "../../supabase/functions/_shared/contract.ts";
import { isActive } from "../../supabase/functions/_shared/core/is_active.ts";
import { callFunction } from "./call_function.ts";
import { Progress } from "./progress.ts";
import type { Invocation } from "./read_flags.ts";
import type { Target } from "./target.ts";

/** A run that has begun, so that whoever is interrupted can name it. */
export interface Begun {
  runId: number | null;
}

/**
 * Calls a function, and calls it again for as long as its run goes on.
 *
 * @param begun Is told the run's id as soon as it is known.
 * @returns The last reply.
 */
export async function follow(
  target: Target,
  { name, body, verbose }: Invocation,
  begun: Begun,
  signal: AbortSignal,
): Promise<unknown> {
  using progress = new Progress();
  const call = (request: unknown) =>
    callFunction(target, name, request, {
      signal,
      onEvent: (event) => {
        if (event.event === "started") {
          begun.runId = event.report.runId;
          progress.update(event.report.progress);
        }
        if (event.event === "progress") progress.update(event.progress);
      },
    });

  let reply = await call(body);
  while (begun.runId !== null && isActive(RunReport.parse(reply).state)) {
    if (verbose) progress.note(`The call's time is over: continuing run ${begun.runId}.`);
    reply = await call({ runId: begun.runId, unlessStopped: true });
  }
  return reply;
}
