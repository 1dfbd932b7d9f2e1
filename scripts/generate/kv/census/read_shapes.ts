import type { Transaction } from "../../../database/in_transaction.ts";
import type { Kind, Shape } from "./store_census.ts";

const MOST_SEGMENTS = 8;
/** More words than this in one place of a key are names of records, not of kinds of records. */
const MOST_WORDS = { first: 100, later: 30 };

interface Row {
  readonly shape: string[];
  readonly divided: boolean;
  readonly kind: Kind;
  readonly encoded: boolean;
  readonly broken: boolean;
  readonly place: number | null;
  readonly keys: number;
  readonly example: string;
}

/**
 * Reads every key of a store, and which shapes they have.
 *
 * @param store The store, as SQL writes it; it has columns key and value.
 */
export async function readShapes(transaction: Transaction, store: string): Promise<Shape[]> {
  const places = Array.from({ length: MOST_SEGMENTS }, (_, place) => place + 1);
  const kinds = places.map((place) => `pg_temp.segment_kind(segments[${place}])`).join(", ");
  await transaction.unsafe(`
    create temporary table census_shapes as
    select
      shape, divided, kind, encoded, place, bool_or(broken) as broken, count(*)::int as keys,
      min(key) as example
    from (
      select
        array_remove(array[${kinds}], null) as shape,
        strpos(key, ':') > 0 as divided,
        jsonb_typeof(document) as kind,
        jsonb_typeof(value) is distinct from jsonb_typeof(document) as encoded,
        jsonb_typeof(document) = 'string' and pg_temp.looks_encoded(document #>> '{}') as broken,
        case
          when jsonb_typeof(document) <> 'object' then null
          when document ->> 'id' = key then 0
          else array_position(segments, document ->> 'id')
        end as place,
        key
      from (
        select
          key, value, pg_temp.segments(key) as segments, pg_temp.document(value) as document
        from ${store}
        limit all
      ) as records
    ) as shaped
    group by shape, divided, kind, encoded, place
  `);
  for (const place of places) {
    await transaction`
      update census_shapes
      set shape[${place}::int] = '<word>'
      from (
        select shape[:${place}::int - 1] as before, shape[${place}::int + 1:] as after
        from census_shapes
        where shape[${place}::int] not like '<%'
        group by 1, 2
        having count(distinct shape[${place}::int]) >
          ${place === 1 ? MOST_WORDS.first : MOST_WORDS.later}::int
      ) as many
      where census_shapes.shape[:${place}::int - 1] = many.before
        and census_shapes.shape[${place}::int + 1:] = many.after
        and census_shapes.shape[${place}::int] not like '<%'
    `;
  }
  const rows = await transaction<Row[]>`
    select
      to_jsonb(shape) as shape, divided, kind, encoded, place, bool_or(broken) as broken,
      sum(keys)::int as keys, min(example) as example
    from census_shapes
    group by shape, divided, kind, encoded, place
    order by shape, divided, kind, encoded, place
  `;
  const shapes = gather(rows);
  const alone = shapes.filter(({ keys }) => keys === 1).map(({ example }) => example);
  const members = await transaction.unsafe<{ key: string; members: string[] }[]>(
    `select
      key,
      case jsonb_typeof(document)
        when 'object' then to_jsonb(array(select jsonb_object_keys(document) as name order by name))
        else jsonb_build_array(pg_temp.segment_kind(document #>> '{}'))
      end as members
    from (
      select records.key, pg_temp.document(records.value) as document
      from jsonb_array_elements_text($1::text::jsonb) as alone (key)
      join ${store} as records on records.key = alone.key
    ) as documents
    where jsonb_typeof(document) in ('object', 'string')`,
    [JSON.stringify(alone)],
  );
  const membersOf = new Map(members.map(({ key, members }) => [key, members]));
  return shapes.map((shape) => ({
    ...shape,
    members: shape.keys === 1 ? membersOf.get(shape.example) ?? [] : [],
  }));
}

function gather(rows: readonly Row[]): Shape[] {
  const shapes = new Map<string, {
    segments: string[];
    divided: boolean;
    keys: number;
    kinds: Partial<Record<Kind, number>>;
    encoded: number;
    broken: boolean;
    idAt: Record<number, number>;
    example: string;
    members: string[];
  }>();
  for (const { shape, divided, kind, encoded, broken, place, keys, example } of rows) {
    const name = JSON.stringify([shape, divided]);
    const found = shapes.get(name) ?? {
      segments: shape,
      divided,
      keys: 0,
      kinds: {},
      encoded: 0,
      broken: false,
      idAt: {},
      example,
      members: [],
    };
    found.keys += keys;
    found.kinds[kind] = (found.kinds[kind] ?? 0) + keys;
    if (encoded) found.encoded += keys;
    if (broken) found.broken = true;
    if (place !== null) found.idAt[place] = (found.idAt[place] ?? 0) + keys;
    shapes.set(name, found);
  }
  return [...shapes.values()];
}
