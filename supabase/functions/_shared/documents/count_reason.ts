/** Documents that share a reason, as a report lists them. */
export type ReasonCount = {
  entity: string;
  reason: string;
  count: number;
  sample: string[];
};

const SAMPLES = 5;

/** Counts a document under its reason, and keeps its key as a sample of the first few. */
export function countReason(
  reasons: ReasonCount[],
  entity: string,
  reason: string,
  sourceKey: string,
): void {
  let known = reasons.find((one) => one.entity === entity && one.reason === reason);
  if (known === undefined) reasons.push(known = { entity, reason, count: 0, sample: [] });
  known.count++;
  if (known.sample.length < SAMPLES) known.sample.push(sourceKey);
}
