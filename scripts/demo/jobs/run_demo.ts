import { basename, join } from "@std/path";
import type postgres from "postgres";
import {
  RollbackReport,
  RunReport,
  VerificationReport,
} from "../../../supabase/functions/_shared/replies.ts";
import { commandLine } from "../../invoke/command_line.ts";
import { rollbackSummary } from "../../invoke/rollback_summary.ts";
import { runSummary } from "../../invoke/run_summary.ts";
import { table } from "../../invoke/table.ts";
import type { Target } from "../../invoke/target.ts";
import { verificationSummary } from "../../invoke/verification_summary.ts";
import { call } from "../call.ts";
import { paint } from "../paint.ts";
import { arrive } from "./arrive.ts";
import { type Credits, creditsOf } from "./credits.ts";
import { importFile } from "./import_file.ts";
import { makeOldApp, type OldApp } from "./make_old_app.ts";

/** Where the demo works, and how much it does. */
export interface JobsDemoOptions {
  /** A database with this project's migrations and empty tables, as its owner. */
  readonly sql: postgres.Sql;
  /** The same, for commands. */
  readonly databaseUrl: string;
  /** The API in front of the database. */
  readonly target: Target;
  /** A folder for the old app's file. */
  readonly folder: string;
  /** How many users the old app has. */
  readonly users: number;
  /** Waits for the schedule's next tick; without one, the demo does what a tick does. */
  readonly tick?: () => Promise<unknown>;
  readonly print: (line: string) => void;
}

/** What became of the credits after some users had signed in. */
export interface Round extends Credits {
  /** Accounts that were new. */
  readonly arrived: number;
}

/** What the demo found, as numbers. */
export interface JobsSummary {
  readonly app: OldApp;
  readonly rounds: readonly Round[];
  readonly verification: VerificationReport;
  /** Roll-backs, the newest run's first. */
  readonly undone: readonly RollbackReport[];
  /** Rows in the targets when all is rolled back. */
  readonly left: number;
  readonly credits: Credits;
}

const PIPELINE = { pipeline: "jobs" };
const ROUNDS = [0, 1, 2];

/** Makes an old app's file, imports and migrates it, and lets its users arrive in three rounds. */
export async function runJobsDemo(options: JobsDemoOptions): Promise<JobsSummary> {
  const { sql, databaseUrl, target, folder, users, tick, print } = options;
  const show = (...lines: string[]) => lines.forEach((line) => print(line && `  ${line}`));
  const chapter = (title: string) => show("", paint("bold", title), "");
  const typed = (line: string) => show(paint("green", `$ ${line}`), "");
  const number = (value: number) => value.toLocaleString("en-US");

  const path = join(folder, "old_app.db");
  chapter("A SQLite app, as some years leave it");
  const app = makeOldApp(path, users);
  show(
    `${number(app.users)} users, ${number(app.jobs)} jobs, ` +
      `${number(app.transactions)} transactions of ${number(app.credits)} credits in all; ` +
      "and passwords, which stay where they are.",
  );

  chapter("Import it");
  typed(`deno task import sqlite ${basename(path)} --pipeline jobs`);
  show(...await importFile(path, databaseUrl));

  chapter("Migrate: nobody has signed in at the new app, so every row waits for its owner");
  typed(commandLine("migrate", PIPELINE));
  const first = RunReport.parse(await call(target, "migrate", ["--pipeline", "jobs"]));
  show(...runSummary({ ...first, findings: [] }, commandLine("migrate", PIPELINE)));

  chapter("Users sign in over three rounds; the schedule finds them, and their history follows");
  show("Each round ends with what pg_cron would do every minute: select landfall.tick()", "");
  const rounds: Round[] = [];
  for (const round of ROUNDS) {
    const arrived = await arrive(sql, round);
    await (tick ? tick() : sql`select landfall.tick()`);
    rounds.push({ arrived, ...await creditsOf(sql) });
  }
  show(
    ...table(
      ["round", "signed in", "credits loaded", "waiting", "rejected", "in the file"],
      rounds.map((
        { arrived, loaded, waiting, rejected, inFile },
        nth,
      ) => [nth + 1, arrived, loaded, waiting, rejected, inFile]),
    ),
  );

  chapter("Verify: every row is compared with its source");
  typed(commandLine("verify", PIPELINE));
  const verification = VerificationReport.parse(
    await call(target, "verify", ["--pipeline", "jobs"]),
  );
  show(...verificationSummary(verification));

  chapter("Undo: run by run, the newest first");
  const undone: RollbackReport[] = [];
  const runs = await sql<{ id: number }[]>`select id::int from landfall.runs order by id desc`;
  for (const { id } of runs) {
    typed(commandLine("rollback", { runId: id, confirm: true }));
    const flags = ["--run-id", String(id), "--confirm"];
    undone.push(RollbackReport.parse(await call(target, "rollback", flags)));
  }
  show(...rollbackSummary(undone[0]!, { runId: runs[0]!.id, confirm: true }), "");
  const [rows] = await sql<{ left: number }[]>`
    select ((select count(*) from jobs) + (select count(*) from credit_transactions))::int as left`;
  show(
    `${number(rows!.left)} rows are left in the tables of the new app; the old file was read only.`,
  );

  return { app, rounds, verification, undone, left: rows!.left, credits: await creditsOf(sql) };
}
