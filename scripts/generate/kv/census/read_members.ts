import type { Transaction } from "../../../database/in_transaction.ts";
import { extreme } from "./extreme.ts";
import type { ClassCensus, MemberCensus } from "./store_census.ts";

/** An array or a map in the documents of a family. */
export interface Container {
  readonly family: number;
  /** Its name as a place: `photos[]`, `[]`, `meta{}`. */
  readonly place: string;
  /** The member that holds it; "" for the document itself. */
  readonly member: string;
  /** Whether it is an object whose members are named by ids. */
  readonly isMap: boolean;
}

interface Row extends Omit<ClassCensus, "few"> {
  readonly family: number;
  readonly place: string;
  readonly member: string;
  /** The segment of the key that says the same; 0 for none. */
  readonly at: number;
  readonly bits: string;
}

/** With two hundred values nearly all of 64 bits are set. */
const MANY_BITS = 60;

/**
 * Reads what the members of all documents hold.
 *
 * It needs the view census_documents.
 */
export async function readMembers(transaction: Transaction): Promise<MemberCensus[]> {
  return gather(
    await transaction.unsafe<Row[]>(census(`
      select family, '' as place, segments, members.name, members.value
      from census_documents
      cross join lateral jsonb_each(
        case jsonb_typeof(document)
          when 'object' then document
          when 'array' then '{}'
          else jsonb_build_object(chr(2), document)
        end
      ) as members (name, value)
    `)),
  );
}

/**
 * Reads what the elements of arrays and maps hold.
 *
 * It needs the view census_elements.
 */
export async function readElements(transaction: Transaction): Promise<MemberCensus[]> {
  return gather(
    await transaction.unsafe<Row[]>(census(`
      select family, place, null::text[] as segments, members.name, members.value
      from census_elements
      cross join lateral jsonb_each(
        case jsonb_typeof(element)
          when 'object' then element
          else jsonb_build_object(chr(2), element)
        end
      ) as members (name, value)
    `)),
  );
}

/**
 * Writes the query that counts values by what they could be.
 *
 * Its groups go by one text of a query of its own: what Postgres believes of many columns would
 * make it sort all values.
 */
function census(members: string): string {
  return `
    with counted as materialized (
      select
        label,
        count(*)::int as values,
        min(number) as least,
        max(number) as most,
        max(octet_length(content)) as longest,
        max(octet_length(split_part(content, '.', 2)))
          filter (where class in ('decimal', 'decimal text')) as scale,
        coalesce(bool_or(content ~ '[.][0-9]{3}[0-9]*[1-9]')
          filter (where class in ('time', 'local time')), false) as micros,
        bit_or(1::bigint << (hashtext(content) & 63))::bit(64)::text as bits
      from (
        select
          family || ' ' || coalesce(
            case when octet_length(content) <= 100 then array_position(segments, content) end, 0
          ) || ' ' || replace(class, ' ', '_') || ' ' || length(place) || ' ' || place
            || pg_temp.member(name) as label,
          -- a number of JSON has no end
          case when kind = 'number' and octet_length(content) < 300 then content::float8 end
            as number,
          content, class
        from (
          select *, pg_temp.value_class(kind, content) as class
          from (
            select
              family, place, segments, name, jsonb_typeof(value) as kind,
              case when jsonb_typeof(value) not in ('object', 'array') then value #>> '{}' end
                as content
            from (${members}) as named
            where family is not null
            limit all
          ) as texts
          limit all
        ) as classified
        limit all
      ) as labelled
      group by label
    )
    select
      split_part(label, ' ', 1)::int as family,
      split_part(label, ' ', 2)::int as at,
      replace(split_part(label, ' ', 3), '_', ' ') as class,
      left(name, split_part(label, ' ', 4)::int) as place,
      substr(name, split_part(label, ' ', 4)::int + 1) as member,
      values, least, most, longest, scale, micros, bits
    from counted
    -- the fifth part may hold anything
    cross join lateral (
      select substr(label, length(split_part(label, ' ', 1) || split_part(label, ' ', 2)
        || split_part(label, ' ', 3) || split_part(label, ' ', 4)) + 5) as name
    ) as named
    order by family, place, member, class, at
  `;
}

function gather(rows: readonly Row[]): MemberCensus[] {
  const members = Map.groupBy(
    rows,
    ({ family, place, member }) => JSON.stringify([family, place, member]),
  );
  return [...members.values()].map((found) => {
    const { family, place, member } = found[0]!;
    const classes = Map.groupBy(found, (row) => row.class);
    return {
      family,
      place,
      member,
      classes: [...classes.values()].map(together),
      atSegment: Object.fromEntries(
        [...Map.groupBy(found.filter(({ at }) => at > 0), ({ at }) => at)]
          .map(([at, rows]) => [at, sum(rows.map(({ values }) => values))]),
      ),
    };
  });
}

function together(rows: Row[]): ClassCensus {
  const bits = Array.from({ length: 64 }, (_, bit) => rows.some((row) => row.bits?.[bit] === "1"));
  return {
    class: rows[0]!.class,
    values: sum(rows.map(({ values }) => values)),
    least: extreme(rows.map(({ least }) => least), Math.min),
    most: extreme(rows.map(({ most }) => most), Math.max),
    longest: extreme(rows.map(({ longest }) => longest), Math.max),
    scale: extreme(rows.map(({ scale }) => scale), Math.max),
    micros: rows.some(({ micros }) => micros),
    few: bits.filter(Boolean).length < MANY_BITS,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
