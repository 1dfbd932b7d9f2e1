import { fingerprint } from "./fingerprint.ts";
import {
  measurePipeline,
  measurePlain,
  measurePlainDeletes,
  measureRollback,
  measureScript,
  measureVerification,
  type Timing,
} from "./measure.ts";
import type { Workbench } from "../measure/workbench.ts";

/** Ways of migrating, and what is done with what they leave, in the order of a round. */
export const WAYS = [
  "plain",
  "one worker",
  "two workers",
  "verify",
  "again",
  "plain undo",
  "roll back",
  "pages",
  "keys",
] as const;
export type Way = (typeof WAYS)[number];

/** These work on what the way before them has left. */
const ON_TOP: readonly Way[] = ["verify", "again", "plain undo", "roll back"];
export type Round = Readonly<Record<Way, Timing>>;

/** The stores they read, clean ones. */
export interface Stores {
  readonly all: string;
  /** A small one, for the way that takes a request a key. */
  readonly few: string;
}

/**
 * Migrates a clean store in every way, some rounds of all of them, so that what disturbs the
 * machine for a while disturbs them alike.
 *
 * @param say Is told what was measured.
 * @throws {Error} when two ways leave different tables behind.
 */
export async function cleanRounds(
  bench: Workbench,
  stores: Stores,
  rounds: number,
  say: (text: string) => void,
): Promise<Round[]> {
  const ways: Record<Way, () => Promise<Timing>> = {
    "plain": () => measurePlain(bench),
    "one worker": () => measurePipeline(bench, stores.all, 1),
    "two workers": () => measurePipeline(bench, stores.all, 2),
    "verify": () => measureVerification(bench),
    "again": () => measurePipeline(bench, stores.all, 2),
    "plain undo": () => measurePlainDeletes(bench),
    "roll back": () => measureRollback(bench),
    "pages": () => measureScript(bench, "page_and_upsert.ts", stores.all),
    "keys": () => measureScript(bench, "key_by_key.ts", stores.few),
  };

  const measured: Round[] = [];
  for (let round = 1; round <= rounds; round++) {
    const timings = new Map<Way, Timing>();
    const results = new Map<Way, string>();
    for (const way of WAYS) {
      if (ON_TOP.includes(way)) await bench.settle();
      else await bench.clean();
      const timing = await ways[way]();
      say(`round ${round} of ${rounds}, ${way}: ${(timing.ms / 1_000).toFixed(2)} s`);
      timings.set(way, timing);
      const migrates = way !== "keys" && !ON_TOP.includes(way);
      if (round === 1 && migrates) results.set(way, await fingerprint(bench.sql));
    }
    if (new Set(results.values()).size > 1) {
      throw new Error(`The ways differ in what they write: ${JSON.stringify([...results])}`);
    }
    measured.push(Object.fromEntries(timings) as Record<Way, Timing>);
  }
  return measured;
}
