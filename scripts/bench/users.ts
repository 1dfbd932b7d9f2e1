import { ResolveUsersReply } from "../../supabase/functions/_shared/replies.ts";
import { call } from "../demo/call.ts";
import { table } from "../invoke/table.ts";
import { describeMachine, type Machine } from "./measure/machine.ts";
import { median } from "./measure/median.ts";
import { readBenchFlags } from "./measure/read_bench_flags.ts";
import { startWorkbench, type Workbench } from "./measure/workbench.ts";
import { arriveTen, stageWaiting } from "./users/waiting_rows.ts";
import { plainJoin } from "./users/plain_join.ts";

/** What was measured, as `--json` prints it. Times are in milliseconds, one for each run. */
export interface UsersBench {
  readonly bench: "users";
  readonly machine: Machine;
  /** Rows that wait. */
  readonly records: number;
  readonly results: readonly {
    readonly name: string;
    /** Rows loaded for ten users. */
    readonly rows: number;
    readonly ms: readonly number[];
  }[];
}

const USAGE = { name: "users", records: 1_000_000 };
const AIM_MS = 100;

/**
 * Measures how soon the rows of ten new users are loaded out of all those that wait, beside a plain
 * join over the staging tables.
 *
 * @param args The flags, as typed.
 * @throws LF008 for wrong usage.
 */
export async function benchUsers(args: readonly string[]): Promise<void> {
  const flags = readBenchFlags(USAGE, args);
  await using bench = await startWorkbench();
  console.error(`staging ${flags.records.toLocaleString("en-US")} rows, all of which wait`);
  await stageWaiting(bench.sql, flags.records);
  await call(bench.target, "migrate", ["--pipeline", "jobs"]);
  await bench.settle();

  const ways: Record<string, (bench: Workbench, people: string[]) => Promise<number>> = {
    "(a) plain insert … select of their rows": ({ sql }, people) => plainJoin(sql, people),
    "(b) landfall.resolve_users()": resolveInSql,
    "(c) resolve-users, over HTTP": resolveOverHttp,
  };
  const results = Object.keys(ways).map((name) => ({ name, rows: 0, ms: [] as number[] }));
  for (let run = 1; run <= flags.runs; run++) {
    console.error(`run ${run} of ${flags.runs}`);
    let people: string[] = [];
    for (const result of results) {
      // (a) undoes what it does: (b) finds the same ten
      if (!result.name.startsWith("(b)")) people = await arriveTen(bench.sql);
      const start = performance.now();
      result.rows = await ways[result.name]!(bench, people);
      result.ms.push(Math.round(performance.now() - start));
    }
  }
  const measured: UsersBench = {
    bench: "users",
    machine: await describeMachine(bench.sql),
    records: flags.records,
    results,
  };
  console.log(flags.json ? JSON.stringify(measured) : ["", ...show(measured)].join("\n"));
}

async function resolveInSql({ sql }: Workbench): Promise<number> {
  const [row] = await sql`select landfall.resolve_users() as report`;
  return inserted(row!.report);
}

async function resolveOverHttp({ target }: Workbench): Promise<number> {
  return inserted(ResolveUsersReply.parse(await call(target, "resolve-users")));
}

function inserted({ runs }: Pick<ResolveUsersReply, "runs">): number {
  return runs.flatMap(({ entities }) => entities)
    .reduce((sum, { inserted }) => sum + inserted, 0);
}

function show({ machine, records, results }: UsersBench): string[] {
  const [plain] = results;
  return [
    `users: ${records.toLocaleString("en-US")} rows wait, ten users arrive; medians of ` +
    `${plain!.ms.length} runs on ${machine.cores} cores`,
    "",
    ...table(
      ["", "rows", "ms", "ratio to (a)", "aim", ""],
      results.map(({ name, rows, ms }, nth) => [
        name,
        rows,
        Math.round(median(ms)),
        nth === 0 ? "" : (median(ms) / median(plain!.ms)).toFixed(2),
        nth === 0 ? "" : `under ${AIM_MS} ms`,
        nth === 0 ? "" : median(ms) < AIM_MS ? "met" : "missed",
      ]),
    ),
  ];
}
