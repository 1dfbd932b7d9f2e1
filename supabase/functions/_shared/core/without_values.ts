import type { RunReport } from "../replies.ts";

/**
 * Takes from a run's report what a verification found in the rows: values, and keys of the target.
 *
 * For a report that leaves the project. Source keys stay: they say where to look.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { RunReport } from "../replies.ts";
 *
 * const sample = { sourceKey: "client:7", targetKey: "7", expected: "Ann", actual: "Bob" };
 * const verification = {
 *   verificationId: 1,
 *   state: "different",
 *   finishedAt: null,
 *   differences: [{ entity: "clients", kind: "value", name: "name", count: 1, sample: [sample] }],
 * };
 *
 * const report = withoutValues({ runId: 7, verification } as unknown as RunReport);
 *
 * assertEquals(report.verification!.differences[0]!.sample, [{ sourceKey: "client:7" }]);
 * ```
 */
export function withoutValues({ verification, ...report }: RunReport) {
  return {
    ...report,
    verification: verification && {
      ...verification,
      differences: verification.differences.map(({ sample, ...difference }) => ({
        ...difference,
        sample: sample.map(({ sourceKey }) => ({ sourceKey })),
      })),
    },
  };
}
