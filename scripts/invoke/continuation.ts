import { BegunReport } from "../../supabase/functions/_shared/replies.ts";
import { isActive } from "../../supabase/functions/_shared/core/is_active.ts";
import { commandLine } from "./command_line.ts";
import type { Invocation } from "./read_flags.ts";

/** How work that is not over goes on. */
export interface Continuation {
  /** What it is, such as `run 7`. */
  readonly work: string;
  /** The next request to the same function. */
  readonly request: Readonly<Record<string, unknown>>;
  /** What a person types to the same end. */
  readonly command: string;
}

/**
 * Says how to go on with what a call has begun, if it is not over.
 *
 * @param invocation What was called.
 * @param report What came of it so far: a reply, or the report that says that the work has begun.
 * @returns Undefined when there is nothing left to do, or not for this function.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const invocation = { name: "verify", body: { pipeline: "kv" }, json: false, verbose: false } as const;
 * const report = { verificationId: 3, state: "running", progress: { done: 1, total: 9 } };
 *
 * assertEquals(continuation(invocation, report), {
 *   work: "verification 3",
 *   request: { verificationId: 3 },
 *   command: "deno task supabase functions invoke verify --verification-id 3",
 * });
 * assertEquals(continuation(invocation, { ...report, state: "clean" }), undefined);
 * ```
 */
export function continuation(
  { name, body }: Invocation,
  report: unknown,
): Continuation | undefined {
  const begun = BegunReport.safeParse(report).data;
  if (begun === undefined) return undefined;

  const { runId, verificationId, state } = begun;
  switch (name) {
    case "migrate":
    case "migrate-kv":
    case "export-documents":
      if (!isActive(state) || !runId) return undefined;
      return {
        work: `run ${runId}`,
        request: { runId, unlessStopped: true },
        command: commandLine(name, { runId }),
      };
    case "rollback":
      if (state !== "rolling_back" || !body.confirm) return undefined;
      return {
        work: `the roll-back of run ${runId}`,
        request: body,
        command: commandLine(name, body),
      };
    case "verify":
      if (state !== "running") return undefined;
      return {
        work: `verification ${verificationId}`,
        request: { verificationId },
        command: commandLine(name, { verificationId }),
      };
    case "resolve-users":
      if (state !== "running") return undefined;
      return { work: "the resolution", request: body, command: commandLine(name, body) };
    default:
      return undefined;
  }
}
