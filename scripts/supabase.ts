/**
 * The Supabase CLI on this project: `deno task supabase …`.
 *
 * `functions invoke` is this project's own, as the CLI has no such command. While the local stack
 * runs, `status` tells of it, and commands that work on a database work on that stack's unless
 * they name a target. Everything else is the CLI's, the exit code too.
 *
 * @module
 */
import { onDatabase } from "./stack/on_database.ts";
import { runningStack } from "./stack/running_stack.ts";
import { showStatus } from "./stack/show_status.ts";
import { supabaseCli } from "./stack/supabase_cli.ts";
import { targetVariables } from "./stack/target_variables.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  const [command, subcommand, ...rest] = args;
  if (command === "functions" && subcommand === "invoke") {
    for (const [name, value] of Object.entries(await targetVariables())) Deno.env.set(name, value);
    const { invoke } = await import("./invoke.ts");
    return await invoke(rest);
  }
  const stack = await runningStack();
  if (!stack) return await runCli(args);
  if (command === "status") return showStatus(args.slice(1), stack);
  return await runCli(onDatabase(args, stack.databaseUrl));
}

/** Ctrl-C reaches the CLI as well, which decides what to do. */
async function runCli(args: string[]): Promise<number> {
  Deno.addSignalListener("SIGINT", () => {});
  const inherit = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;
  const process = (await supabaseCli(args, inherit)).spawn();
  return (await process.status).code;
}
