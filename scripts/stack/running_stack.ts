import { join } from "@std/path";
import { isLocked } from "./folder_lock.ts";
import { ignoreMissing } from "./ignore_missing.ts";
import { localFolder } from "./local_folder.ts";

/** A stack that runs, as others need to know it. */
export interface RunningStack {
  /** The process to ask for its end. */
  readonly pid: number;
  readonly apiUrl: string;
  /** A connection URL as `postgres`, the owner, who is no superuser. */
  readonly databaseUrl: string;
  readonly publishableKey: string;
  readonly secretKey: string;
}

/**
 * Finds the stack that runs on a folder. One that is just starting, or ending, is waited for.
 *
 * @param folder Its data; the project's own by default.
 * @returns `undefined` when none runs, also after a crash.
 */
export async function runningStack(
  folder: string = localFolder,
): Promise<RunningStack | undefined> {
  while (await isLocked(folder)) {
    try {
      return JSON.parse(await Deno.readTextFile(stateFile(folder)));
    } catch (error) {
      ignoreMissing(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Forgets what a stack that crashed on this folder told. The folder must be locked. */
export async function forgetStack(folder: string): Promise<void> {
  await Deno.remove(stateFile(folder)).catch(ignoreMissing);
}

/** Tells others that a stack runs, until it is disposed of; only this user can read it. */
export async function announceStack(folder: string, stack: RunningStack): Promise<AsyncDisposable> {
  const file = stateFile(folder);
  const half = `${file}.new`;
  await Deno.writeTextFile(half, JSON.stringify(stack, null, 2), { mode: 0o600 });
  await Deno.rename(half, file);
  return { [Symbol.asyncDispose]: () => forgetStack(folder) };
}

function stateFile(folder: string): string {
  return join(folder, "state.json");
}
