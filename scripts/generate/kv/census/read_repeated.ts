import type { Transaction } from "../../../database/in_transaction.ts";
import type { PlaceCensus, SlotCensus } from "./store_census.ts";

/**
 * Reads in which places an array, or a map, has elements of the same id, or the same value.
 *
 * It needs the view census_containers.
 */
export async function readRepeated(
  transaction: Transaction,
  places: readonly Omit<PlaceCensus, "isRepeated">[],
  slots: readonly SlotCensus[],
): Promise<PlaceCensus[]> {
  const known: PlaceCensus[] = [];
  for (const found of places) {
    // what is nowhere there twice is not twice in one array
    const isUnique = slots.some(({ slot, values, distinct }) =>
      slot.family === found.family && slot.place === found.place &&
      (slot.member === "id" || slot.member === "") &&
      values === distinct && values === found.elements
    );
    known.push({ ...found, isRepeated: !isUnique && await isRepeated(transaction, found) });
  }
  return known;
}

async function isRepeated(
  transaction: Transaction,
  { family, place }: Pick<PlaceCensus, "family" | "place">,
): Promise<boolean> {
  const repeated = await transaction`
    select
    from census_containers
    where family = ${family} and place = ${place} and pg_temp.repeats(container)
    limit 1
  `;
  return repeated.length > 0;
}
