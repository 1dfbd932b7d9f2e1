/**
 * Ends the local stack: `deno task stop`. Its data stays.
 *
 * Exit codes 0 ended, or there was none; 1 it does not end
 */
import { endStack } from "./stack/end_stack.ts";

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  try {
    const ended = await endStack();
    console.log(ended ? "The stack has ended. Its data stays." : "No stack is running.");
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}
