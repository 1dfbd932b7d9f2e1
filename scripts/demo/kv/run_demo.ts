import type postgres from "postgres";
import {
  RollbackReport,
  type RunReport,
  VerificationReport,
} from "../../../supabase/functions/_shared/replies.ts";
import { commandLine } from "../../invoke/command_line.ts";
import { rollbackSummary } from "../../invoke/rollback_summary.ts";
import { runSummary } from "../../invoke/run_summary.ts";
import type { Target } from "../../invoke/target.ts";
import { verificationSummary } from "../../invoke/verification_summary.ts";
import { type Account, account } from "./account.ts";
import { call } from "../call.ts";
import { compareSides, type Comparison } from "./compare_sides.ts";
import { dataApi } from "./data_api.ts";
import { makeStore } from "./make_store.ts";
import { COMMAND, migrate } from "./migrate.ts";
import { paint } from "../paint.ts";
import { sampleReject } from "./sample_reject.ts";
import { sampleStore } from "./sample_store.ts";
import { sampleTables } from "./sample_tables.ts";
import { showAccount } from "./show_account.ts";
import { showComparisons } from "./show_comparisons.ts";

/** Where the demo works, and how much it does. */
export interface DemoOptions {
  /** A database with this project's migrations and empty tables, as its owner. */
  readonly sql: postgres.Sql;
  /** The API in front of the database. */
  readonly target: Target;
  /** How many keys the store is to have. */
  readonly records: number;
  /** How long a question may read the store, in milliseconds. */
  readonly limitMs: number;
  /** Columns of the terminal. */
  readonly width: number;
  readonly print: (line: string) => void;
}

/** What the demo found, as numbers. */
export interface DemoSummary {
  readonly before: Account;
  readonly after: Account;
  readonly dryRun: RunReport;
  readonly run: RunReport;
  readonly again: RunReport;
  readonly verification: VerificationReport;
  readonly undo: RollbackReport;
  readonly comparisons: readonly Comparison[];
}

/** As an app builder names it. */
const TABLE = "kv_store_1a2b3c4d";
const FAULTS = { share: 0.02 };

/** Makes a store, migrates it through the edge function, and shows what came of it. */
export async function runDemo(options: DemoOptions): Promise<DemoSummary> {
  const { sql, target, records, limitMs, width, print } = options;
  const show = (...lines: string[]) => lines.forEach((line) => print(line && `  ${line}`));
  const chapter = (title: string) => show("", paint("bold", title), "");
  const typed = (line: string) => show(paint("green", `$ ${line}`), "");
  const command = (flags = "") => typed(`${COMMAND} ${flags}`.trimEnd());

  chapter(`A key-value store, as an app leaves it after some years: public.${TABLE}`);
  await makeStore(sql, { table: TABLE, records, faults: FAULTS });
  const before = await account(sql, TABLE);
  show(...await sampleStore(sql, TABLE, width - 2), "");
  show(`${before.keys.toLocaleString("en-US")} keys, ${before.size}. The six tables are empty.`);

  chapter("Rehearse: do everything, write nothing");
  command("--dry-run");
  const dryRun = await migrate(target, ["--dry-run"]);
  show(...runSummary(withoutReasons(dryRun), COMMAND));

  chapter("Migrate");
  command();
  const run = await migrate(target);
  show(...runSummary(run, COMMAND), "", ...await sampleReject(sql, run.runId!));

  chapter("Migrate again: nothing is left to do");
  command();
  const again = await migrate(target);
  show(...runSummary(withoutReasons(again), COMMAND));

  chapter("Verify: every row is compared with its source");
  typed(commandLine("verify", { pipeline: "kv" }));
  const verification = VerificationReport.parse(await call(target, "verify", ["--pipeline", "kv"]));
  show(...verificationSummary(verification));

  chapter("Undo, rehearsed: what the first run wrote, and nothing else");
  const request = { runId: run.runId! };
  typed(commandLine("rollback", request));
  const undo = RollbackReport.parse(
    await call(target, "rollback", ["--run-id", String(request.runId)]),
  );
  show(...rollbackSummary(undo, request));

  chapter("The store and its tables");
  const after = await account(sql, TABLE);
  show(...showAccount(before, after, run), "", ...await sampleTables(sql));

  chapter("The same questions, asked of both through the Data API");
  const comparisons = await compareSides(sql, dataApi(target), TABLE, limitMs);
  show(...showComparisons(comparisons));

  return { before, after, dryRun, run, again, verification, undo, comparisons };
}

/** The reasons are shown once, with the run. */
function withoutReasons(report: RunReport): RunReport {
  return { ...report, rejects: [], findings: [] };
}
