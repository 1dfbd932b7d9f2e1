import { LandfallError } from "./errors.ts";

const TRIES = 6;
const FIRST_WAIT_MS = 200;

/** What a call is about, for the words of its last failure. */
export interface Task {
  /** What stands still, such as `run 7`. */
  readonly name: string;
  /** What to call again with, such as `runId 7`. */
  readonly again: string;
}

/**
 * Repeats a call while the engine cannot be reached or is held up, for about six seconds.
 *
 * Only for calls that are safe to repeat: when a connection breaks, nobody knows whether the call
 * was done.
 *
 * @param task Named in the last failure, so that the caller can continue.
 * @throws LF005 when the engine stays away; every other failure at once.
 */
export async function persist<Reply>(call: () => Promise<Reply>, task: Task): Promise<Reply> {
  for (let attempt = 1;; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof LandfallError) || error.code !== "LF005") throw error;
      if (attempt === TRIES) {
        throw new LandfallError("LF005", `${error.message}: ${task.name} stands still`, {
          details: error.details,
          hint: `Nothing is lost: call again with ${task.again} in a while.`,
          cause: error,
        });
      }
      await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** (attempt - 1)));
    }
  }
}
