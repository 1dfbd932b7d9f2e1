import { callFunction } from "./call_function.ts";
import { type Continuation, continuation } from "./continuation.ts";
import { joinResolutions } from "./join_resolutions.ts";
import { Progress } from "./progress.ts";
import type { Invocation } from "./read_flags.ts";
import type { Target } from "./target.ts";

/** What has begun and is not over, so that whoever is interrupted can say how to continue it. */
export interface Begun {
  next?: Continuation | undefined;
}

/**
 * Calls a function, and calls it again for as long as its work goes on.
 *
 * @param begun Is told how to continue as soon as it is known.
 * @returns The last reply; of a resolution, what all of them say together.
 */
export async function follow(
  target: Target,
  invocation: Invocation,
  begun: Begun,
  signal: AbortSignal,
): Promise<unknown> {
  const { name, body, verbose } = invocation;
  using progress = new Progress();
  const call = (request: unknown) =>
    callFunction(target, name, request, {
      signal,
      onEvent: (event) => {
        if (event.event === "started") {
          begun.next = continuation(invocation, event.report);
          progress.update(event.report.progress);
        }
        if (event.event === "progress") progress.update(event.progress);
      },
    });

  let reply = await call(body);
  for (;;) {
    begun.next = continuation(invocation, reply);
    if (!begun.next) return reply;
    if (verbose) progress.note(`The call's time is over: continuing ${begun.next.work}.`);
    const next = await call(begun.next.request);
    reply = name === "resolve-users" ? joinResolutions(reply, next) : next;
  }
}
