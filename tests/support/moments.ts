/** A moment of a run. */
export interface Moment {
  /** How much of its rows is done, from 0 to 1. */
  readonly share: number;
  /** How far into the work that follows, from 0 to 1. */
  readonly beyond: number;
}

/**
 * Draws moments of a run at random, one from each of as many equal parts of it.
 *
 * @param seed The same seed gives the same moments.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(drawMoments(3, 7), drawMoments(3, 7));
 * ```
 */
export function drawMoments(count: number, seed: number): Moment[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, part) => ({
    share: (part + random()) / count,
    beyond: random(),
  }));
}

/** Numbers from 0 to 1 that only look random (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6D2B79F5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
