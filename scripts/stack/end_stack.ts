import { isLocked } from "./folder_lock.ts";
import { localFolder } from "./local_folder.ts";
import { runningStack } from "./running_stack.ts";

/** How long Postgres may take to write everything down. */
const PATIENCE_MS = 60_000;

/**
 * Ends the stack that runs on a folder and waits until all its processes have ended.
 *
 * @param folder Its data; the project's own by default.
 * @returns Whether there was one.
 * @throws {Error} when it does not end within a minute.
 */
export async function endStack(folder: string = localFolder): Promise<boolean> {
  const stack = await runningStack(folder);
  if (!stack) return false;
  Deno.kill(stack.pid, "SIGTERM");
  const deadline = Date.now() + PATIENCE_MS;
  while (await isLocked(folder)) {
    if (Date.now() > deadline) {
      throw new Error(`The stack does not end: end process ${stack.pid} with kill -9`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}
