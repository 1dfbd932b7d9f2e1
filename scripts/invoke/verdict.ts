import type { VerificationReport } from "../../supabase/functions/_shared/replies.ts";

/**
 * Says in a sentence what a verification came to.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const lost = { entity: "clients", kind: "lost", name: "", count: 2, sample: [] };
 *
 * assertEquals(
 *   verdict({ state: "different", differences: [lost, { ...lost, kind: "value", count: 10 }] }),
 *   "Different: 12 differences of 2 kinds.",
 * );
 * ```
 */
export function verdict(
  { state, differences }: Pick<VerificationReport, "state" | "differences">,
): string {
  if (state === "clean") return "Clean.";
  if (state === "running") return "Not over yet.";
  const sum = differences.reduce((total, { count }) => total + count, 0);
  const kinds = new Set(differences.map(({ kind }) => kind)).size;
  return `Different: ${counted(sum, "difference")} of ${counted(kinds, "kind")}.`;
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}
