import { redact } from "./core/redact.ts";
import { LandfallError } from "./errors.ts";
import { log, type LogFields } from "./log.ts";

/** What came of a call: a reply, or a failure that the caller is told. */
export type Outcome =
  | { readonly kind: "reply"; readonly reply: unknown }
  | { readonly kind: "failure"; readonly failure: LandfallError };

/**
 * Does the work and says what came of it, to the caller and to the log. It never throws.
 *
 * @param name The function's name.
 */
export async function settle(name: string, work: () => Promise<unknown>): Promise<Outcome> {
  const start = performance.now();
  const durationMs = () => Math.round(performance.now() - start);
  try {
    const reply = await work();
    log("answered", { function: name, ...identity(reply), durationMs: durationMs() });
    return { kind: "reply", reply };
  } catch (error) {
    const failure = error instanceof LandfallError ? error : unexpected(name, error);
    log("failed", {
      function: name,
      code: failure.code,
      ...place(error),
      durationMs: durationMs(),
    });
    return { kind: "failure", failure };
  }
}

function identity(reply: unknown): LogFields {
  const { runId, verificationId, pipeline, state } = reply as LogFields;
  return { runId, verificationId, pipeline, state };
}

function unexpected(name: string, error: unknown): LandfallError {
  const { name: kind, message } = error instanceof Error ? error : new Error(String(error));
  return new LandfallError("LF007", `Function ${name} failed unexpectedly`, {
    details: redact(`${kind}: ${message}`),
    hint: "The function's log says where.",
    cause: error,
  });
}

/** Where an error came from; its message may hold a row's values and stays out of the log. */
function place(error: unknown): { error?: string; at?: string } {
  if (!(error instanceof Error) || error instanceof LandfallError) return {};
  const frame = error.stack?.split("\n").find((line) => line.trimStart().startsWith("at "));
  return { error: error.name, at: frame?.trim() };
}
