/**
 * Shows a key-value store becoming six tables: `deno task demo`.
 *
 * Reads      nothing
 * Writes     .landfall/demo, a stack of its own; each demo begins with a new one, and the stack of
 *            deno task start is left alone
 * Exit codes 0 everything adds up, 1 failed or does not add up, 2 wrong usage
 */
import { join } from "@std/path";
import postgres from "postgres";
import { LandfallError } from "../supabase/functions/_shared/errors.ts";
import { checkSummary } from "./demo/kv/check_summary.ts";
import { paint } from "./demo/paint.ts";
import { runDemo } from "./demo/kv/run_demo.ts";
import { duration } from "../supabase/functions/_shared/core/duration.ts";
import { printFailure } from "./invoke/print_failure.ts";
import { isLocked } from "./stack/folder_lock.ts";
import { privateFolder } from "./stack/local_folder.ts";
import { startStack } from "./stack/stack.ts";

const FOLDER = join(privateFolder, "demo");
const RECORDS = 20_000;
const LIMIT_MS = 4_000;
const USUAL_WIDTH = 100;

const NEXT = [
  ["LANDFALL_FOLDER=$PWD/.landfall/demo deno task start", "the demo's database, to look around in"],
  ["deno task start --detach", "an empty stack of your own"],
  ["deno task import kv <file.ndjson>", 'your store, one {"key":…,"value":…} a line'],
  ["deno task supabase functions invoke migrate-kv --dry-run", "what would become of it"],
  ["deno task bench kv", "how fast it is, beside what it replaces"],
] as const;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  if (args.length > 0) {
    console.error(`The demo takes no arguments: it is given ${args.join(" ")}`);
    return 2;
  }
  try {
    return await demo();
  } catch (error) {
    if (error instanceof LandfallError) printFailure(error);
    else console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

async function demo(): Promise<number> {
  if (await isLocked(FOLDER)) {
    throw new Error(
      "The demo's stack is in use: end it with LANDFALL_FOLDER=$PWD/.landfall/demo deno task stop",
    );
  }
  const start = performance.now();
  console.log(`\n  ${paint("bold", "Landfall: a key-value store becomes six tables")}\n`);
  console.log("  Starting Postgres, PostgREST and the edge functions in .landfall/demo …");
  const wrong = await onOwnStack();
  console.log(
    `\n  ${duration(performance.now() - start)} in all. The demo's stack has ended; its data ` +
      "stays in .landfall/demo until the next demo.",
  );
  if (wrong.length > 0) {
    console.error(`\n  This does not add up:\n${wrong.map((line) => `  - ${line}`).join("\n")}`);
    return 1;
  }
  const width = Math.max(...NEXT.map(([command]) => command.length));
  console.log(`\n  ${paint("bold", "What to try next")}\n`);
  for (const [command, what] of NEXT) {
    console.log(`  ${paint("green", command.padEnd(width))}  ${what}`);
  }
  console.log();
  return 0;
}

/** Runs the demo on a new stack, which ends with it. */
async function onOwnStack(): Promise<string[]> {
  await using stack = await startStack({ folder: FOLDER, fresh: true });
  const sql = postgres(stack.databaseUrl, { max: 4, onnotice: () => {} });
  try {
    const summary = await runDemo({
      sql,
      target: { url: stack.apiUrl, secretKey: stack.secretKey },
      records: RECORDS,
      limitMs: LIMIT_MS,
      width: Deno.stdout.isTerminal() ? Deno.consoleSize().columns : USUAL_WIDTH,
      print: (line) => console.log(line),
    });
    return checkSummary(summary);
  } finally {
    await sql.end();
  }
}
