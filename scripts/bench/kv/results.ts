import { median } from "../measure/median.ts";
import type { Round, Way } from "./clean_rounds.ts";
import { DIRT, type Pair } from "./dirty_rounds.ts";
import type { Timing } from "./measure.ts";

/** One line of the outcome. */
export interface Result {
  readonly name: string;
  /** Source records a run. */
  readonly rows: number;
  /** Of every run. */
  readonly seconds: readonly number[];
  /** The middle of the runs. */
  readonly rowsPerSecond: number;
  readonly ratio: Ratio | null;
}

/** How many times another's time a row takes, or how many times faster; the middle of the runs. */
export interface Ratio {
  readonly value: number;
  readonly meaning: string;
  readonly aim: { readonly most: number } | { readonly least: number };
  readonly met: boolean;
}

/** Sums up the rounds on the clean store. */
export function cleanResults(rounds: readonly Round[]): Result[] {
  const line = (name: string, way: Way, ratio: Ratio | null) => ({
    name,
    ...summed(rounds.map((round) => round[way])),
    ratio,
  });
  const times = (way: Way, by: Way) =>
    median(rounds.map((round) => perRow(round[way]) / perRow(round[by])));
  const slower = (way: Way, most: number) =>
    ratio(times(way, "plain"), "times the time of (a)", { most });
  const beside = (way: Way, other: Way, meaning: string, most: number) =>
    ratio(times(way, other), meaning, { most });
  const faster = (way: Way, least: number) =>
    ratio(times(way, "two workers"), "times slower than two workers", { least });
  return [
    line("(a) plain insert … select, one session", "plain", null),
    line("(b) pipeline, one worker", "one worker", slower("one worker", 1.5)),
    line("(b) pipeline, two workers", "two workers", slower("two workers", 0.5)),
    line("(c) supabase-js: pages by key, upserts", "pages", faster("pages", 3)),
    line("(d) supabase-js: one request a key", "keys", faster("keys", 40)),
    line(
      "(e) verify",
      "verify",
      beside("verify", "two workers", "times the time of two workers", 0.5),
    ),
    line(
      "(f) a second run, nothing changed",
      "again",
      beside("again", "two workers", "times the time of the first", 0.2),
    ),
    line("(g) plain delete … using, one session", "plain undo", null),
    line(
      "(h) roll-back",
      "roll back",
      beside("roll back", "plain undo", "times the time of (g)", 1.2),
    ),
  ];
}

/** Sums up the rounds on stores with one kind of dirt each. */
export function dirtyResults(pairs: readonly (readonly Pair[])[]): Result[] {
  return pairs.map((rounds, place) => {
    const { name, most } = DIRT[place]!;
    const value = median(rounds.map(({ clean, dirty }) => perRow(dirty) / perRow(clean)));
    return {
      name,
      ...summed(rounds.map(({ dirty }) => dirty)),
      ratio: ratio(value, "times the time of a clean store", { most }),
    };
  });
}

function summed(timings: readonly Timing[]) {
  return {
    rows: timings[0]!.rows,
    seconds: timings.map(({ ms }) => Math.round(ms) / 1_000),
    rowsPerSecond: Math.round(median(timings.map((timing) => 1_000 / perRow(timing)))),
  };
}

function ratio(value: number, meaning: string, aim: Ratio["aim"]): Ratio {
  const met = "most" in aim ? value <= aim.most : value >= aim.least;
  return { value: Math.round(value * 100) / 100, meaning, aim, met };
}

function perRow({ ms, rows }: Timing): number {
  return ms / rows;
}
