import { literal } from "../../sql/literal.ts";
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
 * @param slots The slots; one that says in every document what a segment of the key says goes by
 * that segment's number.
 * @param keys Numbers of the slots whose values are ids of records.
 */
export async function readSlots(
  transaction: Transaction,
  slots: readonly Slot[],
  keys: readonly number[],
): Promise<SlotCensus[]> {
  const own = slots.filter(({ kind, segment }) => kind === "segment" || segment === 0);
  const listed = (wanted: (slot: Slot) => boolean) =>
    `jsonb_to_recordset(${literal(JSON.stringify(own.filter(wanted)))}::jsonb)
      as slots (id int, family int, segment int, place text, member text)`;
  const values = (from: string, value: string) => `
    select slot, content, count(*)::int as records
    from (
      select slot, value #>> '{}' as content
      from (select slots.id as slot, ${value} as value from ${from} limit all) as found
      where jsonb_typeof(value) in ('string', 'number')
      limit all
    ) as contents
    where octet_length(content) between 1 and 100
    group by slot, content`;
  await transaction.unsafe(`
    create temporary table census_values as
    select slots.id as slot, documents.segments[slots.segment] as content, count(*)::int as records
    from census_documents as documents
    join ${listed(({ kind }) => kind === "segment")} on slots.family = documents.family
    group by 1, 2
    union all ${
    values(
      `census_documents as documents
      join ${listed(({ kind, place }) => kind === "member" && place === "")}
        on slots.family = documents.family`,
      inside("documents.document"),
    )
  }
    union all ${
    values(
      `census_elements as elements
      join ${listed(({ kind, place }) => kind === "member" && place !== "")}
        on slots.family = elements.family and slots.place = elements.place`,
      inside("elements.element"),
    )
  }
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
        when count(*) <= ${MOST_COMMON} then (
          select jsonb_agg(
            jsonb_build_array(few.content, few.records) order by few.records desc, few.content
          )
          from census_values as few
          where few.slot = census_values.slot
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
    const segment = slot.kind === "member" && slot.segment > 0
      ? slots.find((each) =>
        each.kind === "segment" && each.family === slot.family && each.segment === slot.segment
      )
      : undefined;
    const { id } = segment ?? slot;
    const { values = 0, distinct = 0, common = null } = countOf.get(id) ?? {};
    return {
      slot: { ...slot, segment: slot.kind === "segment" ? slot.segment : 0 },
      values,
      distinct,
      common: common ?? [],
      found: new Map([
        ...(foundOf.get(id) ?? []).map(({ key, values }) => [key, values] as const),
        ...segment === undefined ? [] : [[segment.id, values] as const],
      ]),
    };
  });
}

/** The value of a slot's member; one that is no object has none, and is the value. */
function inside(document: string): string {
  return `case
    when jsonb_typeof(${document}) = 'object'
      then ${document} -> case slots.member when chr(2) then '' else nullif(slots.member, '') end
    when slots.member = '' then ${document}
  end`;
}

async function hasAccounts(transaction: Transaction): Promise<boolean> {
  const [row] = await transaction<{ readable: boolean }[]>`
    select coalesce(has_table_privilege(to_regclass('auth.users'), 'select'), false) as readable
  `;
  return row!.readable;
}
