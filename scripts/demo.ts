/**
 * Shows what Landfall does, on a stack of its own: `deno task demo [kv|jobs]`.
 *
 * Reads      nothing
 * Writes     .landfall/demo, a stack of its own; each demo begins with a new one, and the stack of
 *            deno task start is left alone
 * Exit codes 0 everything adds up, 1 failed or does not add up, 2 wrong usage
 */
import { join } from "@std/path";
import postgres from "postgres";
import { LandfallError } from "../supabase/functions/_shared/errors.ts";
import { checkJobsSummary } from "./demo/jobs/check_summary.ts";
import { runJobsDemo } from "./demo/jobs/run_demo.ts";
import { checkSummary } from "./demo/kv/check_summary.ts";
import { runDemo } from "./demo/kv/run_demo.ts";
import { paint } from "./demo/paint.ts";
import { duration } from "../supabase/functions/_shared/core/duration.ts";
import { printFailure } from "./invoke/print_failure.ts";
import type { Target } from "./invoke/target.ts";
import { isLocked } from "./stack/folder_lock.ts";
import { privateFolder } from "./stack/local_folder.ts";
import { startStack } from "./stack/stack.ts";
import { temporaryFolder } from "./stack/temporary_folder.ts";

/** What a demo works on. */
interface Stage {
  readonly sql: postgres.Sql;
  readonly databaseUrl: string;
  readonly target: Target;
}

/** A demo, and what a person may type when it is over. */
interface Demo {
  readonly title: string;
  /** Runs it, and returns what does not add up. */
  readonly run: (stage: Stage) => Promise<string[]>;
  readonly next: readonly (readonly [command: string, what: string])[];
}

const FOLDER = join(privateFolder, "demo");
const USUAL_WIDTH = 100;
const LOOK_AROUND = [
  "LANDFALL_FOLDER=$PWD/.landfall/demo deno task start",
  "the demo's database, to look around in",
] as const;
const print = (line: string) => console.log(line);

const DEMOS: Readonly<Record<string, Demo>> = {
  kv: {
    title: "a key-value store becomes six tables",
    run: async ({ sql, target }) =>
      checkSummary(
        await runDemo({
          sql,
          target,
          records: 20_000,
          limitMs: 4_000,
          width: Deno.stdout.isTerminal() ? Deno.consoleSize().columns : USUAL_WIDTH,
          print,
        }),
      ),
    next: [
      LOOK_AROUND,
      ["deno task start --detach", "an empty stack of your own"],
      ["deno task import kv <file.ndjson>", 'your store, one {"key":…,"value":…} a line'],
      ["deno task supabase functions invoke migrate-kv --dry-run", "what would become of it"],
      ["deno task demo jobs", "a SQLite app whose users sign in later"],
      ["deno task bench kv", "how fast it is, beside what it replaces"],
    ],
  },
  jobs: {
    title: "a SQLite app's history finds its owners",
    run: async ({ sql, databaseUrl, target }) => {
      await using folder = await temporaryFolder();
      return checkJobsSummary(
        await runJobsDemo({
          sql,
          databaseUrl,
          target,
          folder: folder.path,
          users: 5_000,
          print,
        }),
      );
    },
    next: [
      LOOK_AROUND,
      ["deno task start --detach", "an empty stack of your own"],
      ["deno task import sqlite <file.db> --pipeline jobs", "your app's users, jobs and credits"],
      [
        "deno task supabase functions invoke migrate --pipeline jobs",
        "what has an owner is loaded",
      ],
      ["deno task supabase functions invoke resolve-users --dry-run", "who would be found now"],
    ],
  },
};

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  const [name = "kv", ...more] = args;
  const demo = Object.hasOwn(DEMOS, name) ? DEMOS[name] : undefined;
  if (!demo || more.length > 0) {
    console.error(`There is no demo ${args.join(" ")}: there are ${Object.keys(DEMOS).join(", ")}`);
    return 2;
  }
  try {
    return await show(demo);
  } catch (error) {
    if (error instanceof LandfallError) printFailure(error);
    else console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

async function show({ title, run, next }: Demo): Promise<number> {
  if (await isLocked(FOLDER)) {
    throw new Error(
      "The demo's stack is in use: end it with LANDFALL_FOLDER=$PWD/.landfall/demo deno task stop",
    );
  }
  const start = performance.now();
  console.log(`\n  ${paint("bold", `Landfall: ${title}`)}\n`);
  console.log("  Starting Postgres, PostgREST and the edge functions in .landfall/demo …");
  const wrong = await onOwnStack(run);
  console.log(
    `\n  ${duration(performance.now() - start)} in all. The demo's stack has ended; its data ` +
      "stays in .landfall/demo until the next demo.",
  );
  if (wrong.length > 0) {
    console.error(`\n  This does not add up:\n${wrong.map((line) => `  - ${line}`).join("\n")}`);
    return 1;
  }
  const width = Math.max(...next.map(([command]) => command.length));
  console.log(`\n  ${paint("bold", "What to try next")}\n`);
  for (const [command, what] of next) {
    console.log(`  ${paint("green", command.padEnd(width))}  ${what}`);
  }
  console.log();
  return 0;
}

/** Runs a demo on a new stack, which ends with it. */
async function onOwnStack(run: Demo["run"]): Promise<string[]> {
  await using stack = await startStack({ folder: FOLDER, fresh: true });
  const sql = postgres(stack.databaseUrl, { max: 4, onnotice: () => {} });
  try {
    const target = { url: stack.apiUrl, secretKey: stack.secretKey };
    return await run({ sql, databaseUrl: stack.databaseUrl, target });
  } finally {
    await sql.end();
  }
}
