import type { RunningStack } from "./running_stack.ts";
import { stackVariables } from "./stack_variables.ts";

/** Says where a stack can be reached, for a person. */
export function showStack(sentence: string, stack: RunningStack): string {
  const lines = Object.entries(stackVariables(stack)).map(([name, value]) =>
    `  ${name.padEnd(16)} ${value}`
  );
  return [sentence, "", ...lines].join("\n");
}
