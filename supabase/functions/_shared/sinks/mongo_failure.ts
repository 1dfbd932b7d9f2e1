import { redact } from "../core/redact.ts";
import { LandfallError } from "../errors.ts";
import {
  MongoBulkWriteError,
  MongoError,
  MongoNetworkError,
  MongoParseError,
  MongoServerError,
  MongoServerSelectionError,
} from "./mongodb.ts";

const AUTHENTICATION_FAILED = 18;
const UNAUTHORIZED = 13;
/** A server that is stopping, or no longer the one that writes; another will be. */
const PASSING = new Set([6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);

/**
 * Whether a call that failed may succeed when it is repeated: the connection broke, or another
 * server is about to take over. Everything that is written here may be written twice.
 */
export function isPassing(thrown: unknown): boolean {
  const error = unwrap(thrown);
  if (error instanceof MongoBulkWriteError) {
    // what was refused by itself is no reason to repeat what was written
    if ([error.writeErrors].flat().length > 0) return false;
    // written, and not by a majority yet
    if (error.result.getWriteConcernError() !== undefined) return true;
  }
  if (error instanceof MongoServerSelectionError) return false;
  if (error instanceof MongoNetworkError) return true;
  if (!(error instanceof MongoError)) return false;
  return error.hasErrorLabel("RetryableWriteError") ||
    (error instanceof MongoServerError && PASSING.has(Number(error.code)));
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

  // the driver's parser of URLs has a class of its own by this name
  if (error instanceof MongoParseError || name === "MongoParseError") {
    return new LandfallError("LF006", "The URL of the MongoDB makes no sense", {
      ...said,
      hint:
        "Write mongodb://user:password@host:27017/database, or mongodb+srv://…; percent-encode " +
        "what is no letter or digit in the password.",
    });
  }
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
  if (isPassing(error) || error instanceof MongoServerSelectionError) {
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

/** What befell a call of many writes as a whole is inside of what the driver throws. */
function unwrap(error: unknown): unknown {
  return error instanceof MongoBulkWriteError && error.errorResponse instanceof MongoError
    ? error.errorResponse
    : error;
}
