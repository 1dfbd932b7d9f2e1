import { type Faults, makeStore } from "../../demo/kv/make_store.ts";
import { bindStore, measurePipeline, type Timing } from "./measure.ts";
import type { Workbench } from "../measure/workbench.ts";

/** A kind of dirt, and what it may cost. */
export interface Dirt {
  readonly name: string;
  readonly faults: Extract<Faults, { kind: string }>;
  /** Records that are enough to tell. */
  readonly records: number;
  /** How many times a clean run's time. */
  readonly most: number;
}

const RARE = { records: 100_000, oneIn: 5_000 };
const OFTEN = { records: 20_000, oneIn: 10, most: 10 };

/** The kinds that are measured. */
export const DIRT: readonly Dirt[] = [
  dirt("1 record in 5,000 fails a check", "check", { ...RARE, most: 1.05 }),
  dirt("1 record in 5,000 does not cast", "cast", { ...RARE, most: 2 }),
  dirt("10 % fail a check", "check", OFTEN),
  dirt("10 % do not cast", "cast", OFTEN),
  dirt("10 % have another's number", "duplicate", OFTEN),
  dirt("10 % have an unknown parent", "parent", OFTEN),
];

function dirt(
  name: string,
  kind: Dirt["faults"]["kind"],
  { oneIn, ...rest }: Omit<Dirt, "name" | "faults"> & { oneIn: number },
): Dirt {
  return { name, faults: { kind, oneIn }, ...rest };
}

/** A clean run and a dirty one, right after each other. */
export interface Pair {
  readonly clean: Timing;
  readonly dirty: Timing;
}

/** What a run of {@linkcode dirtyRounds} works on. */
export interface DirtyOptions {
  /** At most so many records, however many would be enough. */
  readonly records: number;
  readonly rounds: number;
  /** A store that stays, for the transforms to read at the end. */
  readonly store: string;
  /** Is told what was measured. */
  readonly say: (text: string) => void;
}

const CLEAN = "kv_store_c0c0c0c0";
const DIRTY = "kv_store_d0d0d0d0";

/** Migrates a clean store, then one with a kind of dirt, with one worker, some times in turn. */
export async function dirtyRounds(
  bench: Workbench,
  { name, faults, ...dirt }: Dirt,
  { rounds, store, say, ...options }: DirtyOptions,
): Promise<Pair[]> {
  const { sql } = bench;
  const records = Math.min(dirt.records, options.records);
  await makeStore(sql, { table: CLEAN, records });
  await makeStore(sql, { table: DIRTY, records, faults });
  const pairs: Pair[] = [];
  for (let round = 1; round <= rounds; round++) {
    const [clean, dirty] = [await measured(bench, CLEAN), await measured(bench, DIRTY)];
    if (clean.rejected !== 0 || dirty.rejected === 0) {
      throw new Error(`${name}: ${clean.rejected} rejects clean, ${dirty.rejected} dirty`);
    }
    say(`round ${round} of ${rounds}, ${name}: ${seconds(dirty)}, clean ${seconds(clean)}`);
    pairs.push({ clean, dirty });
  }
  await bindStore(bench, store);
  await sql`drop table ${sql([CLEAN, DIRTY])}`;
  return pairs;
}

async function measured(bench: Workbench, store: string): Promise<Timing> {
  await bench.clean();
  return await measurePipeline(bench, store, 1);
}

function seconds({ ms }: Timing): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
