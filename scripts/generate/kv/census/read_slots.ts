import type { Transaction } from "../../../database/in_transaction.ts";
import type { Slot, SlotCensus } from "./store_census.ts";

/** The slot of the ids of all accounts. */
export const ACCOUNTS = -1;

/** So many values may be told apart by a check. */
const MOST_COMMON = 12;

/**
 * Reads the values of slots: how many there are, and which are found among those of others.
 *
 * It needs the views census_documents and census_elements.
 *
 * @param keys Numbers of the slots whose values are ids of records.
 */
export async function readSlots(
  transaction: Transaction,
  slots: readonly Slot[],
  keys: readonly number[],
): Promise<SlotCensus[]> {
  await transaction.unsafe(`
    create temporary table census_slots
      (id int, family int, kind text, segment int, place text, member text);
    create temporary table census_values (slot int, content text, records int);
  `);
  for (let start = 0; start < slots.length; start += 1000) {
    const rows = slots.slice(start, start + 1000).map((slot) => ({ ...slot }));
    await transaction`insert into census_slots ${transaction(rows)}`;
  }
  await transaction.unsafe(`
    analyze census_slots;

    insert into census_values
    select slots.id, parts.content, count(*)::int
    from census_documents as documents
    cross join lateral unnest(documents.segments) with ordinality as parts (content, place)
    join census_slots as slots
      on slots.family = documents.family and slots.kind = 'segment'
      and slots.segment = parts.place
    group by slots.id, parts.content;

    insert into census_values
    select slots.id, members.value #>> '{}', count(*)::int
    from census_documents as documents
    cross join lateral jsonb_each(
      case jsonb_typeof(documents.document)
        when 'object' then documents.document
        when 'array' then '{}'
        else jsonb_build_object(chr(2), documents.document)
      end
    ) as members (name, value)
    join census_slots as slots
      on slots.family = documents.family and slots.kind = 'member' and slots.place = ''
      and slots.member = case members.name when chr(2) then '' when '' then chr(2)
        else members.name end
    where jsonb_typeof(members.value) in ('string', 'number')
      and octet_length(members.value #>> '{}') between 1 and 100
    group by slots.id, members.value #>> '{}';

    insert into census_values
    select slots.id, members.value #>> '{}', count(*)::int
    from census_elements as elements
    cross join lateral jsonb_each(
      case jsonb_typeof(elements.element)
        when 'object' then elements.element
        else jsonb_build_object(chr(2), elements.element)
      end
    ) as members (name, value)
    join census_slots as slots
      on slots.family = elements.family and slots.kind = 'member'
      and slots.place = elements.place and slots.member = case members.name when chr(2) then '' when '' then chr(2)
        else members.name end
    where jsonb_typeof(members.value) in ('string', 'number')
      and octet_length(members.value #>> '{}') between 1 and 100
    group by slots.id, members.value #>> '{}';
  `);
  if (await hasAccounts(transaction)) {
    await transaction.unsafe(`
      insert into census_values
      select ${ACCOUNTS}, id::text, 1 from auth.users
    `);
  }
  await transaction.unsafe("analyze census_values");
  const counted = await transaction<
    { slot: number; values: number; distinct: number; common: [string, number][] | null }[]
  >`
    select
      slot, sum(records)::int as values, count(*)::int as distinct,
      case
        when count(*) <= ${MOST_COMMON} then jsonb_agg(
          jsonb_build_array(content, records) order by records desc, content
        )
      end as common
    from census_values
    group by slot
  `;
  const found = await transaction<{ slot: number; key: number; values: number }[]>`
    select values_.slot, keys.slot as key, sum(values_.records)::int as values
    from census_values as values_
    join census_values as keys on keys.content = values_.content and keys.slot <> values_.slot
    where keys.slot = any (${`{${[ACCOUNTS, ...keys]}}`}::int[])
    group by values_.slot, keys.slot
  `;
  const countOf = new Map(counted.map((count) => [count.slot, count]));
  const foundOf = Map.groupBy(found, ({ slot }) => slot);
  return slots.map((slot) => {
    const { values = 0, distinct = 0, common = null } = countOf.get(slot.id) ?? {};
    return {
      slot,
      values,
      distinct,
      common: common ?? [],
      found: new Map((foundOf.get(slot.id) ?? []).map(({ key, values }) => [key, values])),
    };
  });
}

async function hasAccounts(transaction: Transaction): Promise<boolean> {
  const [row] = await transaction<{ readable: boolean }[]>`
    select coalesce(has_table_privilege(to_regclass('auth.users'), 'select'), false) as readable
  `;
  return row!.readable;
}
