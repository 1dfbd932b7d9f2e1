import { fromFileUrl, join } from "@std/path";
import type { Manifest } from "../export/files/manifest.ts";
import { showDocuments } from "./documents/show_documents.ts";
import { startWorkbench, type Workbench } from "./documents/workbench.ts";
import { describeMachine, type Machine } from "./measure/machine.ts";
import { median } from "./measure/median.ts";
import { type BenchFlags, readBenchFlags } from "./measure/read_bench_flags.ts";
import { runProcess } from "./measure/run_process.ts";

/** What was measured, as `--json` prints it: of every run, in milliseconds. */
export interface DocumentsBench {
  readonly bench: "documents";
  readonly machine: Machine;
  /** Tasks, each with five comments. */
  readonly records: number;
  readonly runs: number;
  readonly copy: readonly number[];
  readonly export: readonly { readonly ms: number; readonly peakBytes: number | null }[];
  /** What the export wrote. */
  readonly documents: number;
  readonly bytes: number;
  /** Of the tasks that the script took. */
  readonly script: readonly number[];
  readonly scriptTasks: number;
  /** The export's time by that of a bare copy; the script's by the export's, for a task. */
  readonly ratios: { readonly copy: number; readonly script: number };
}

const USAGE = { name: "documents", records: 1_000_000 };
const SCRIPT_TASKS = 20_000;
const script = (path: string) => fromFileUrl(new URL(path, import.meta.url));

/**
 * Measures the export of a tracker's documents into files, beside a bare copy of the same documents
 * and a script that queries each task's parts.
 *
 * @param args The flags, as typed.
 * @throws LF008 for wrong usage.
 */
export async function benchDocuments(args: readonly string[]): Promise<void> {
  const flags = readBenchFlags(USAGE, args);
  const measured = await measure(flags, (text) => console.error(text));
  console.log(flags.json ? JSON.stringify(measured) : ["", ...showDocuments(measured)].join("\n"));
}

async function measure(
  { records, runs }: BenchFlags,
  say: (text: string) => void,
): Promise<DocumentsBench> {
  say(`making ${records.toLocaleString("en-US")} tasks with five comments each`);
  await using bench = await startWorkbench(records);
  const scriptTasks = Math.min(records, SCRIPT_TASKS);
  const copy: number[] = [];
  const exported: { ms: number; peakBytes: number | null }[] = [];
  const queried: number[] = [];
  let manifest: Manifest | undefined;
  for (let round = 1; round <= runs; round++) {
    const tell = (text: string) => say(`round ${round} of ${runs}, ${text}`);
    copy.push(
      await inFolder(bench, async (folder) => {
        return (await runProcess([script("documents/copy_views.ts"), bench.url, folder], {})).ms;
      }),
    );
    tell(`copy: ${seconds(copy.at(-1)!)}`);

    exported.push(
      await inFolder(bench, async (folder) => {
        const flags = ["--pipeline=tracker", `--out=${join(folder, "documents")}`, "--json"];
        const { stdout, ms, peakBytes } = await runProcess(
          [script("../export.ts"), "documents", ...flags],
          { SUPABASE_DB_URL: bench.url },
        );
        manifest = JSON.parse(stdout);
        return { ms, peakBytes };
      }),
    );
    tell(`export: ${seconds(exported.at(-1)!.ms)}`);

    queried.push(
      await inFolder(bench, async (folder) => {
        const args = [bench.url, join(folder, "tasks.ndjson"), String(scriptTasks)];
        return (await runProcess([script("documents/query_each_task.ts"), ...args], {})).ms;
      }),
    );
    tell(`script: ${seconds(queried.at(-1)!)}`);
  }
  const sum = (pick: (each: Manifest["collections"][number]) => number) =>
    manifest!.collections.reduce((total, each) => total + pick(each), 0);
  const exportMs = median(exported.map(({ ms }) => ms));
  return {
    bench: "documents",
    machine: await describeMachine(bench.sql),
    records,
    runs,
    copy,
    export: exported,
    documents: sum(({ documents }) => documents),
    bytes: sum(({ bytes }) => bytes),
    script: queried,
    scriptTasks,
    ratios: {
      copy: exportMs / median(copy),
      script: median(queried) / scriptTasks / (exportMs / records),
    },
  };
}

/** Works in a folder of its own, which is removed. */
async function inFolder<Result>(
  { folder }: Workbench,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const path = await Deno.makeTempDir({ dir: folder });
  try {
    return await work(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
