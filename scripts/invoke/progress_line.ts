import { duration } from "../../supabase/functions/_shared/core/duration.ts";

/** How far a run is, and since when this process watches it. */
export interface Watched {
  readonly done: number;
  readonly total: number;
  /** Rows that were done when the watch began. */
  readonly doneBefore: number;
  /** Milliseconds since the watch began. */
  readonly elapsedMs: number;
}

const BAR_WIDTH = 30;

/**
 * Says progress in a line: a bar, percent, rate, remaining time.
 *
 * Below 1 % the remaining time would be a guess and is left out.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   progressLine({ done: 5_000, total: 10_000, doneBefore: 0, elapsedMs: 2_000 }),
 *   "[###############---------------]  50 %  2,500 rows/s  2 s left",
 * );
 * ```
 */
export function progressLine({ done, total, doneBefore, elapsedMs }: Watched): string {
  const share = total === 0 ? 1 : Math.min(done / total, 1);
  const full = Math.floor(share * BAR_WIDTH);
  const bar = `[${"#".repeat(full)}${"-".repeat(BAR_WIDTH - full)}]`;
  const percent = `${String(Math.floor(share * 100)).padStart(3)} %`;

  const rate = elapsedMs > 0 ? (done - doneBefore) / (elapsedMs / 1_000) : 0;
  if (share < 0.01 || rate <= 0) return `${bar} ${percent}`;
  const left = duration(Math.ceil((total - done) / rate) * 1_000);
  return `${bar} ${percent}  ${Math.round(rate).toLocaleString("en-US")} rows/s  ${left} left`;
}
