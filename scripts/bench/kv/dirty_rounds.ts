import { type Faults, makeStore } from "../../demo/make_store.ts";
import { bindStore, measurePipeline, type Timing } from "./measure.ts";
import type { Workbench } from "./workbench.ts";

/** A kind of dirt, and how many times a clean run's time it may cost. */
export interface Dirt {
  readonly name: string;
  readonly faults: Extract<Faults, { kind: string }>;
  readonly most: number;
}

/** The kinds that are measured. */
export const DIRT: readonly Dirt[] = [
  {
    name: "1 record in 5,000 fails a check",
    faults: { kind: "check", oneIn: 5_000 },
    most: 1.05,
  },
  { name: "1 record in 5,000 does not cast", faults: { kind: "cast", oneIn: 5_000 }, most: 2 },
  { name: "10 % fail a check", faults: { kind: "check", oneIn: 10 }, most: 10 },
  { name: "10 % do not cast", faults: { kind: "cast", oneIn: 10 }, most: 10 },
  { name: "10 % have another's number", faults: { kind: "duplicate", oneIn: 10 }, most: 10 },
  { name: "10 % have an unknown parent", faults: { kind: "parent", oneIn: 10 }, most: 10 },
];

/** A clean run and a dirty one, right after each other. */
export interface Pair {
  readonly clean: Timing;
  readonly dirty: Timing;
}

const TABLE = "kv_store_d1d1d1d1";

/**
 * Migrates a store with one kind of dirt, each time after the clean one, with one worker.
 *
 * @param clean The clean store, of as many records.
 * @param say Is told what was measured.
 */
export async function dirtyRounds(
  bench: Workbench,
  clean: string,
  { name, faults }: Dirt,
  options: { records: number; rounds: number; say: (text: string) => void },
): Promise<Pair[]> {
  const { records, rounds, say } = options;
  await makeStore(bench.sql, { table: TABLE, records, faults });
  const pairs: Pair[] = [];
  for (let round = 1; round <= rounds; round++) {
    const [one, other] = [await measured(bench, clean), await measured(bench, TABLE)];
    say(`round ${round} of ${rounds}, ${name}: ${seconds(other)}, clean ${seconds(one)}`);
    pairs.push({ clean: one, dirty: other });
  }
  await bindStore(bench, clean);
  await bench.sql`drop table ${bench.sql(TABLE)}`;
  return pairs;
}

async function measured(bench: Workbench, store: string): Promise<Timing> {
  await bench.clean();
  return await measurePipeline(bench, store, 1);
}

function seconds({ ms }: Timing): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
