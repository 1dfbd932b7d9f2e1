import type { SlotCensus } from "../census/store_census.ts";

/** Puts what is known of several places together, which hold values of one column. */
export function combineSlots(slots: readonly SlotCensus[]): SlotCensus | undefined {
  const [first, ...others] = slots;
  if (first === undefined || others.length === 0) return first;
  const common = new Map<string, number>();
  const found = new Map<number, number>();
  for (const slot of slots) {
    for (const [value, many] of slot.common) common.set(value, (common.get(value) ?? 0) + many);
    for (const [key, many] of slot.found) found.set(key, (found.get(key) ?? 0) + many);
  }
  const isWhole = slots.every((slot) => slot.common.length === slot.distinct);
  return {
    slot: first.slot,
    values: slots.reduce((sum, { values }) => sum + values, 0),
    // values of one place may be those of another, too
    distinct: isWhole ? common.size : Math.max(...slots.map(({ distinct }) => distinct)),
    common: isWhole
      ? [...common].toSorted(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
      : [],
    found,
  };
}
