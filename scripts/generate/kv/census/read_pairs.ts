import type { Transaction } from "../../../database/in_transaction.ts";
import type { PairCensus, PairSet } from "./store_census.ts";

/**
 * Reads which pairs of names stand together, and how many of those also stand together elsewhere:
 * the id in a key and what its document names, or lists.
 *
 * It needs the views census_documents and census_elements.
 */
export async function readPairs(
  transaction: Transaction,
  sets: readonly PairSet[],
): Promise<PairCensus[]> {
  if (sets.length === 0) return [];
  await transaction.unsafe(`
    create temporary table census_sets
      (id int, family int, place text, segment int, member text, other int);
    create temporary table census_pairs (set int, one text, other text);
  `);
  const rows = sets.map(({ id, family, place, segment, member, other }) => ({
    id,
    family,
    place,
    segment,
    member,
    other,
  }));
  await transaction`insert into census_sets ${transaction(rows)}`;
  await transaction.unsafe(`
    analyze census_sets;

    insert into census_pairs
    select distinct
      sets.id, documents.segments[sets.segment],
      case
        when sets.other > 0 then documents.segments[sets.other]
        else documents.document ->> sets.member
      end
    from census_documents as documents
    join census_sets as sets on sets.family = documents.family and sets.place = '';

    insert into census_pairs
    select distinct
      sets.id, (pg_temp.segments(elements.key))[sets.segment],
      case
        when sets.member = '' then elements.element #>> '{}'
        else elements.element ->> sets.member
      end
    from census_elements as elements
    join census_sets as sets
      on sets.family = elements.family and sets.place = elements.place;

    delete from census_pairs
    where one is null or other is null;

    analyze census_pairs;
  `);
  const counted = await transaction<{ set: number; pairs: number }[]>`
    select set, count(*)::int as pairs
    from census_pairs
    group by set
  `;
  const same = await transaction<{ set: number; in: number; pairs: number }[]>`
    select mine.set, theirs.set as in, count(*)::int as pairs
    from census_pairs as mine
    join census_pairs as theirs
      on theirs.one = mine.one and theirs.other = mine.other and theirs.set <> mine.set
    group by mine.set, theirs.set
  `;
  const reversed = await transaction<{ set: number; in: number; pairs: number }[]>`
    select mine.set, theirs.set as in, count(*)::int as pairs
    from census_pairs as mine
    join census_pairs as theirs
      on theirs.one = mine.other and theirs.other = mine.one and theirs.set <> mine.set
    group by mine.set, theirs.set
  `;
  const of = (found: typeof same, id: number) =>
    new Map(found.filter(({ set }) => set === id).map((each) => [each.in, each.pairs]));
  return sets.map((set) => ({
    set,
    pairs: counted.find((each) => each.set === set.id)?.pairs ?? 0,
    same: of(same, set.id),
    reversed: of(reversed, set.id),
  }));
}
