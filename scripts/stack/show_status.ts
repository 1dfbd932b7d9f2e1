import { parseArgs } from "node:util";
import type { RunningStack } from "./running_stack.ts";
import { showStack } from "./show_stack.ts";
import { stackVariables } from "./stack_variables.ts";

/**
 * Prints where a stack can be reached, as `supabase status [-o env|json|pretty]` does.
 *
 * @param args What was typed after `status`.
 * @returns The exit code.
 */
export function showStatus(args: string[], stack: RunningStack): number {
  const options = { output: { type: "string", short: "o", default: "pretty" } } as const;
  const { values: { output } } = parseArgs({ args, options, strict: false });
  const variables = Object.entries(stackVariables(stack));
  switch (output) {
    case "env":
      console.log(variables.map(([name, value]) => `${name}="${value}"`).join("\n"));
      return 0;
    case "json":
      console.log(JSON.stringify(Object.fromEntries(variables), null, 2));
      return 0;
    case "pretty":
      console.log(showStack("The local stack is running.", stack));
      return 0;
    default:
      console.error(`The local stack's status comes as env, json or pretty, not as ${output}`);
      return 2;
  }
}
