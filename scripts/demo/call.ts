import type { FunctionName } from "../../supabase/functions/_shared/requests.ts";
import { follow } from "../invoke/follow.ts";
import { readFlags } from "../invoke/read_flags.ts";
import type { Target } from "../invoke/target.ts";

/**
 * Calls an edge function as the command line does, with a progress bar where there is a terminal,
 * until its work is over.
 *
 * @param flags The command's flags, as typed.
 * @returns The last reply.
 */
export async function call(
  target: Target,
  name: FunctionName,
  flags: readonly string[] = [],
): Promise<unknown> {
  return await follow(target, readFlags(name, flags), {}, new AbortController().signal);
}
