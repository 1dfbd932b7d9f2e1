import { describeMachine, type Machine } from "./measure/machine.ts";
import { judge } from "./traps/judge.ts";
import { moveByLandfall } from "./traps/move_by_landfall.ts";
import { moveByPgloader } from "./traps/move_by_pgloader.ts";
import { pgloaderVersion } from "./traps/pgloader_version.ts";
import { readTrapsFlags } from "./traps/read_traps_flags.ts";
import { showTraps } from "./traps/show_traps.ts";
import type { Trap, Verdict } from "./traps/trap.ts";
import { TRAPS } from "./traps/traps.ts";
import { startWorkbench, type Workbench } from "./traps/workbench.ts";

/** What became of the traps, as `--json` prints it. */
export interface TrapsBench {
  readonly bench: "traps";
  /** With the version of pgloader, where it ran. */
  readonly machine: Machine;
  readonly traps: readonly Tried[];
}

interface Tried {
  readonly name: string;
  readonly landfall: Verdict;
  /** Null where it is left out, or not on the PATH. */
  readonly pgloader: Verdict | null;
}

const AT_ONCE = 4;

/**
 * Sets Landfall and pgloader, where it is on the PATH, the traps of SQLite: a file for each, as one
 * that pgloader cannot take stops all that is with it. On a Postgres of its own.
 *
 * @param args The flags, as typed.
 * @throws LF008 for wrong usage.
 */
export async function benchTraps(args: readonly string[]): Promise<void> {
  const { alone, json } = readTrapsFlags(args);
  const pgloader = alone ? undefined : await pgloaderVersion();
  const tried = await tryTraps(pgloader, (text) => console.error(text));
  console.log(json ? JSON.stringify(tried) : ["", ...showTraps(tried, alone)].join("\n"));
}

async function tryTraps(
  pgloader: string | undefined,
  say: (text: string) => void,
): Promise<TrapsBench> {
  await using bench = await startWorkbench();
  const machine = await describeMachine(bench.sql);
  const traps: Tried[] = [];
  const left = TRAPS.entries();
  // most of the time is spent waiting
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const [place, trap] of left) {
      traps[place] = await tryTrap(bench, trap, place + 1, pgloader !== undefined);
      say(`trap ${place + 1} of ${TRAPS.length}: ${trap.name}`);
    }
  }));
  return {
    bench: "traps",
    machine: pgloader === undefined
      ? machine
      : { ...machine, versions: { ...machine.versions, pgloader } },
    traps,
  };
}

async function tryTrap(
  bench: Workbench,
  trap: Trap,
  nth: number,
  withPgloader: boolean,
): Promise<Tried> {
  const { sql } = bench;
  const own = `trap_${nth}`;
  const other = `pgloader_${nth}`;
  const file = bench.makeFile(own, trap.make);
  return {
    name: trap.name,
    landfall: await judge(sql, trap, await moveByLandfall(bench, file, own), own),
    pgloader: withPgloader
      ? await judge(sql, trap, await moveByPgloader(bench, file, other), other)
      : null,
  };
}
