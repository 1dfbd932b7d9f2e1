import { redact } from "../core/redact.ts";
import { LandfallError } from "../errors.ts";
import {
  MongoBulkWriteError,
  MongoError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
  MongoWriteConcernError,
} from "./mongodb.ts";

const AUTHENTICATION_FAILED = 18;
const UNAUTHORIZED = 13;
/**
 * A server that is stopping, or no longer the one that writes; another will be. A lock that is not
 * to be had, another write to the same document.
 */
const PASSING = new Set([
  ...[6, 7, 24, 46, 89, 91, 112, 189, 262],
  ...[9001, 10107, 11600, 11601, 11602, 13435, 13436],
]);
/** No right, no time, no space on the disk or in the plan. */
const OF_SERVER = new Set([UNAUTHORIZED, 50, 8000, 14031]);

/** Whether a write was refused for what the server is, not for what the document is. */
export function isOfServer(code: number): boolean {
  return PASSING.has(code) || OF_SERVER.has(code);
}

/**
 * Whether a call that failed may succeed when it is repeated: the connection broke, another server
 * is about to take over, or the majority is slow. Everything that is written here may be written
 * twice.
 */
export function isPassing(thrown: unknown): boolean {
  const error = unwrap(thrown);
  if (isUnreachable(error)) return false;
  if (error instanceof MongoNetworkError) return true;
  if (!(error instanceof MongoError)) return false;
  if (isWriteConcernFailure(error) || error.hasErrorLabel("RetryableWriteError")) return true;
  return error instanceof MongoServerError && PASSING.has(Number(error.code));
}

/**
 * Turns what the driver throws into an error of ours, without the credentials of its URL.
 *
 * @param place Where the database is: hosts and the database's name.
 */
export function mongoFailure(thrown: unknown, place: string): LandfallError {
  if (thrown instanceof LandfallError) return thrown;
  const error = unwrap(thrown);
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const said = { details: redact(`${name}: ${message}`), cause: error };
  const code = error instanceof MongoServerError ? Number(error.code) : 0;

  if (code === AUTHENTICATION_FAILED || /auth(entication)? failed/i.test(message)) {
    return new LandfallError("LF015", `MongoDB at ${place} refuses the user or the password`, {
      ...said,
      hint: "Correct them in the URL; authSource names the database that knows the user.",
    });
  }
  if (code === UNAUTHORIZED) {
    return new LandfallError("LF016", `MongoDB at ${place} does not let this user write there`, {
      ...said,
      hint: "Give the user the role readWrite on the database.",
    });
  }
  if (error instanceof MongoError && isWriteConcernFailure(error)) {
    return new LandfallError("LF015", `MongoDB at ${place} has no majority that confirms a write`, {
      ...said,
      hint:
        "Nothing is lost: call again when its members answer, with the runId of what was begun.",
    });
  }
  if (isPassing(error) || isUnreachable(error)) {
    return new LandfallError("LF015", `MongoDB at ${place} cannot be reached`, {
      ...said,
      hint: "Nothing is lost: call again when it answers, with the runId of what was begun.",
    });
  }
  return new LandfallError("LF016", `MongoDB at ${place} refuses the call`, {
    ...said,
    hint: "Mend what it names; what was acknowledged before stays, and the run can be continued.",
  });
}

/** The driver has waited already, or there is no such host. */
function isUnreachable(error: unknown): boolean {
  return error instanceof MongoServerSelectionError || error instanceof MongoNetworkTimeoutError ||
    error instanceof MongoOperationTimeoutError ||
    /^(query|getaddrinfo)/.test((error as { syscall?: string } | null)?.syscall ?? "");
}

/**
 * Written, and not by a majority. Of many writes the driver then says nothing of each, and has no
 * response of the server's where one refused the call.
 */
function isWriteConcernFailure(error: MongoError): boolean {
  return error instanceof MongoWriteConcernError ||
    error instanceof MongoBulkWriteError && [error.writeErrors].flat().length === 0 &&
      error.errorResponse.ok === undefined;
}

/** What befell a call of many writes as a whole is inside of what the driver throws. */
function unwrap(error: unknown): unknown {
  return error instanceof MongoBulkWriteError && error.errorResponse instanceof MongoError
    ? error.errorResponse
    : error;
}
