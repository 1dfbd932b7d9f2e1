import { redact } from "./core/redact.ts";
import { isFailureCode, LandfallError } from "./errors.ts";

/** A failure as PostgREST tells it. */
export interface DataApiError {
  readonly code?: string;
  readonly message: string;
  readonly details?: string | null;
  readonly hint?: string | null;
}

const NOT_EXPOSED = "PGRST106";
const NOT_INSTALLED = ["PGRST202", "42883", "3F000"];
/** PostgREST runs, but its database does not answer: connection lost, pool empty, starting up. */
const NO_DATABASE = ["PGRST000", "PGRST001", "PGRST002", "PGRST003", "57P01", "57P02", "57P03"];
/** Another transaction is in the way: a deadlock, a lock that was waited for too long. */
const IN_THE_WAY = /^(40|55P03)/;
const TIMED_OUT = "57014";
/** What to do when a function took too long. */
const WHEN_TIMED_OUT: Readonly<Record<string, string>> = {
  dry_run: "Rehearse a part of the pipeline: set limit or tables.",
  advance_run:
    "Nothing of the call was done. Call again, with a smaller batchSize if it happens again.",
  resolve_users: "Nothing was changed. Rehearse a single pipeline: set pipeline.",
  preview_rollback: "Nothing was changed. Preview a part of the run: set tables.",
  advance_rollback: "Nothing of the call was done. Call again with the same request.",
  advance_verification: "Nothing of the call was done. Call again with the verificationId.",
};

/**
 * Turns a failed call of the Data API into an error of ours.
 *
 * The engine's own failures keep their code, details and hint.
 *
 * @param name The SQL function that was called.
 * @param status The HTTP status; 0 when nothing answered.
 */
export function engineFailure(name: string, error: DataApiError, status: number): LandfallError {
  const code = error.code ?? "";
  const told = { details: error.details, hint: error.hint };
  if (isFailureCode(code)) return new LandfallError(code, error.message, told);

  if (code === NOT_EXPOSED) {
    return new LandfallError("LF009", "The Data API does not expose schema landfall", {
      details: error.message,
      hint: "Add landfall to [api] schemas in supabase/config.toml and push the configuration.",
    });
  }
  if (NOT_INSTALLED.includes(code)) {
    return new LandfallError("LF009", `The engine has no function landfall.${name}()`, {
      details: error.message,
      hint: "Apply the migrations: deno task supabase db push.",
    });
  }
  // PostgREST tells a connection that broke in the middle by a failure without any words
  const wordless = code === "" && (status === 0 || status >= 502 || error.message === "");
  if (NO_DATABASE.includes(code) || wordless) {
    return new LandfallError("LF005", "The engine cannot be reached", {
      details: redact(firstLine(error.message)) || `HTTP ${status}`,
      hint: "Nothing is lost: call again once the Data API answers, to continue what was begun " +
        "with its runId or verificationId.",
    });
  }
  if (IN_THE_WAY.test(code)) {
    return new LandfallError("LF005", `landfall.${name}() is held up by other work`, {
      details: `SQLSTATE ${code}: ${error.message}`,
      hint: "Nothing is lost: call again in a moment.",
    });
  }
  if (code === TIMED_OUT) {
    return new LandfallError("LF012", `landfall.${name}() took too long and was stopped`, {
      details: error.message,
      hint: WHEN_TIMED_OUT[name] ?? "Nothing of the call was done. Call again.",
    });
  }
  if (status === 401) {
    return new LandfallError("LF006", "The Data API refuses the function's secret key", {
      details: redact(firstLine(error.message)),
      hint: "Compare the function's SUPABASE_SECRET_KEYS with the project's API keys.",
    });
  }
  return new LandfallError("LF007", `landfall.${name}() failed: ${error.message}`, {
    details: [code && `SQLSTATE ${code}`, error.details].filter(Boolean).join(": ") || null,
    hint: error.hint ?? "The database's log has the whole story.",
  });
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!;
}
