import { REQUESTS } from "../../supabase/functions/_shared/requests.ts";
import type { FunctionName } from "../../supabase/functions/_shared/requests.ts";
import { flagsOf } from "./flags.ts";

const COMMAND = "deno task supabase functions invoke";

const SUMMARIES: Record<FunctionName, string> = {
  "migrate-kv": "migrates a key-value store into tables",
  "migrate": "runs any pipeline by its name",
  "export-documents": "runs a pipeline whose rows become documents of a MongoDB",
  "pause": "stops a run after the batches at hand; migrate --run-id continues it",
  "cancel": "gives up a run; what it wrote stays",
  "rollback": "says what undoing a run would do; with --confirm it does it",
  "verify": "compares every migrated row with its source",
  "status": "says where pipelines, runs and the schedule stand",
  "resolve-users": "links legacy users to their accounts, and loads the rows that waited for them",
  "link-user": "links a legacy user to an account by hand; resolve-users loads the rows",
  "unlink-user": "ends the link of a legacy user, and takes back the rows that came by it",
  "schedule": "has pg_cron resolve users and continue runs; called again it changes that",
  "unschedule": "ends the schedule",
};

const OWN = [
  ["--json", "print the reply alone, as JSON"],
  ["--verbose", "explain what is done"],
  ["--help", "print this"],
] as const;

const TARGET = "Calls the project at SUPABASE_URL with SUPABASE_SECRET_KEY, or the local stack.";
const EXIT_CODES =
  "Exit codes: 0 clean, 1 failed, 2 wrong usage, 3 finished with rejects or rows " +
  "left, 4 verification differs.";

/** The help of one function, or of all when none is named. */
export function help(name?: FunctionName): string {
  if (name === undefined) {
    const functions = Object.entries(SUMMARIES);
    return [`${COMMAND} <function> [flags]`, "", ...columns(functions), "", TARGET, EXIT_CODES]
      .join("\n");
  }
  const flags = flagsOf(REQUESTS[name]).map((flag) =>
    [`${flag.spelling} ${flag.placeholder}`.trimEnd(), flag.description] as const
  );
  return [
    `${COMMAND} ${name} [flags]`,
    `${name} ${SUMMARIES[name]}.`,
    "",
    ...columns([...flags, ...OWN]),
    "",
    TARGET,
    EXIT_CODES,
  ].join("\n");
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
