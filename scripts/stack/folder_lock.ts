import { join } from "@std/path";

/**
 * Takes a folder for one process. The operating system gives it back when the process ends, even
 * by SIGKILL.
 *
 * @returns The lock, to be disposed of, or `undefined` when another process has it.
 */
export async function lockFolder(folder: string): Promise<Disposable | undefined> {
  const file = await Deno.open(join(folder, "lock"), { write: true, create: true });
  // another process may be looking whether the folder is locked, which takes it no time
  for (let tries = 0; tries < 5; tries++) {
    if (await file.tryLock(true)) return file;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  file.close();
}

/** Whether a process has taken the folder. */
export async function isLocked(folder: string): Promise<boolean> {
  try {
    using file = await Deno.open(join(folder, "lock"));
    return !await file.tryLock(false);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
