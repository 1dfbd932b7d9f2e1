import { fromFileUrl, join } from "@std/path";
import { localFolder } from "./local_folder.ts";
import { type RunningStack, runningStack } from "./running_stack.ts";

/**
 * Starts the project's stack in the background, where it outlives this process.
 *
 * @param args The flags of `deno task start`, such as `["--api-port", "8000"]`.
 * @throws {Error} with what the start said when it fails.
 */
export async function detachStack(args: readonly string[] = []): Promise<RunningStack> {
  await Deno.mkdir(localFolder, { recursive: true });
  const log = join(localFolder, "start.log");
  const start = fromFileUrl(new URL("../start.ts", import.meta.url));
  const process = new Deno.Command("/bin/sh", {
    args: [
      "-c",
      'umask 077; exec "$@" >"$0" 2>&1',
      log,
      Deno.execPath(),
      "run",
      "--allow-all",
      start,
      ...args,
    ],
    stdin: "null",
    detached: true,
  }).spawn();
  process.unref();

  let ended = false;
  process.status.then(() => ended = true);
  while (true) {
    const stack = await runningStack();
    if (stack) return stack;
    if (ended) throw new Error((await Deno.readTextFile(log)).trim());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
