/**
 * Starts the local stack: `deno task start [--detach] [--api-port N] [--db-port N] [--fresh]`.
 *
 * Reads      the project's migrations and edge functions
 * Writes     .landfall, which keeps the data between starts
 * Exit codes 0 ended as asked, or running already; 1 failed; 2 wrong usage
 */
import { detachStack } from "./stack/detach_stack.ts";
import { localFolder } from "./stack/local_folder.ts";
import { runningStack } from "./stack/running_stack.ts";
import { showStack } from "./stack/show_stack.ts";
import { startStack } from "./stack/stack.ts";
import { readStartFlags, type StartFlags } from "./stack/start_flags.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  const flags = readStartFlags(args);
  if ("usage" in flags) {
    console.error(flags.usage);
    return 2;
  }
  try {
    return await start(flags, args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

async function start({ detach, ...options }: StartFlags, args: string[]): Promise<number> {
  const running = await runningStack();
  if (running) {
    console.log(showStack("The stack is already running.", running));
    return 0;
  }
  if (detach) {
    const stack = await detachStack(args.filter((arg) => arg !== "--detach"));
    console.log(showStack("The stack is running; deno task stop ends it.", stack));
    return 0;
  }
  // who asks while it starts is heard when it can end in good order
  const asked = askedToEnd();
  await using stack = await startStack({ folder: localFolder, ...options });
  console.log(showStack("The stack is running; Ctrl-C ends it and keeps the data.", stack));
  const ended = await Promise.race([stack.ended, asked]);
  if (ended === undefined) return 0;
  console.error(`${ended} ended by itself. Its log is in ${localFolder}.`);
  return 1;
}

/** Resolves when the user, or the system, asks this process to end. */
function askedToEnd(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      Deno.addSignalListener(signal, () => resolve(undefined));
    }
  });
}
