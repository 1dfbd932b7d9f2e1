import { redact } from "../../supabase/functions/_shared/core/redact.ts";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { EXIT, exitOfFailure } from "./exit_code.ts";
import { printFailure } from "./print_failure.ts";

/** A task that does one of several things, named by its first argument. */
export interface Task {
  /** What it does to what is named, as in "Cannot import x". */
  readonly verb: string;
  /** What the names are names of. */
  readonly kinds: string;
  readonly usage: string;
  /** What is left behind when it fails unexpectedly. */
  readonly aftermath: string;
  /** What the names stand for; a command may give an exit code of its own. */
  readonly commands: Readonly<Record<string, (args: readonly string[]) => Promise<number | void>>>;
}

/**
 * Does what the first argument names, and says on standard error when it fails.
 *
 * @param args The name, and the arguments of the command.
 * @returns The exit code: the command's, 1 when it failed, 2 when it was used wrongly (LF008).
 */
export async function dispatch(task: Task, args: readonly string[]): Promise<number> {
  try {
    const [name = "", ...rest] = args;
    const command = Object.hasOwn(task.commands, name) ? task.commands[name] : undefined;
    if (!command) throw unknown(task, name);
    return await command(rest) ?? EXIT.clean;
  } catch (error) {
    const failure = error instanceof LandfallError ? error : unexpected(task, error);
    if (args.includes("--json")) console.log(JSON.stringify(failure));
    printFailure(failure);
    return exitOfFailure(failure);
  }
}

function unknown({ verb, kinds, usage, commands }: Task, name: string): LandfallError {
  const message = name === "" ? `Nothing to ${verb}` : `Cannot ${verb} ${JSON.stringify(name)}`;
  return new LandfallError("LF008", message, {
    details: `${kinds} are ${Object.keys(commands).join(", ")}.`,
    hint: `Usage: ${usage}.`,
  });
}

function unexpected({ verb, aftermath }: Task, error: unknown): LandfallError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return new LandfallError("LF007", `Could not ${verb}: an unexpected failure`, {
    details: redact(`${name}: ${message}`),
    hint: aftermath,
    cause: error,
  });
}
