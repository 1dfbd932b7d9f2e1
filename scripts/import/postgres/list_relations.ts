import { literal } from "../staging/literal.ts";

/** What rows can be read from, in a schema. */
export interface Relation {
  readonly name: string;
  readonly kind: "table" | "partitioned table" | "view" | "materialized view" | "foreign table";
  /** Whether its rows are those of another table, or belong to an extension. */
  readonly subordinate: boolean;
  readonly columns: readonly RelationColumn[];
  readonly primaryKey: readonly string[];
  /** How many rows the statistics say it has; negative when they do not. */
  readonly estimate: number;
}

export interface RelationColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** A type, which for a domain is the one that it restricts. */
export interface ColumnType {
  /** As SQL writes it, with length or precision. */
  readonly label: string;
  /** As SQL writes it, without; qualified unless it is one of Postgres's own. */
  readonly bare: string;
  /** The name alone. */
  readonly name: string;
  /** Whether it is one of Postgres's own, which are the same everywhere. */
  readonly builtin: boolean;
  readonly kind: "base" | "composite" | "enum" | "pseudo" | "range" | "multirange";
  /** Length or precision as the catalog keeps it; −1 for none. */
  readonly modifier: number;
  /** Whether it has a binary form. */
  readonly binary: boolean;
  /** What an array is an array of. */
  readonly element: Pick<ColumnType, "bare" | "builtin" | "kind"> | null;
}

/**
 * Lists what rows can be read from in a schema, with columns and types.
 *
 * @param query Asks the database.
 */
export async function listRelations(
  query: (statement: string) => PromiseLike<{ relation: Relation }[]>,
  schema: string,
): Promise<Relation[]> {
  const rows = await query(RELATIONS.replace("$schema", () => literal(schema)));
  return rows.map(({ relation }) => relation);
}

/** Every function is qualified, so that nobody's own is called in its place. */
const RELATIONS = `
with recursive restricted as (
  select oid as domain, typbasetype as base, typtypmod as modifier
  from pg_catalog.pg_type
  where typtype = 'd'

  union all
  select restricted.domain, typbasetype,
    case when typtypmod = -1 then restricted.modifier else typtypmod end
  from restricted
  join pg_catalog.pg_type on pg_type.oid = restricted.base
  where typtype = 'd'
),
types as (
  select
    pg_type.oid, typname, typelem,
    typnamespace = 'pg_catalog'::pg_catalog.regnamespace as builtin,
    case typtype
      when 'c' then 'composite' when 'e' then 'enum' when 'p' then 'pseudo'
      when 'r' then 'range' when 'm' then 'multirange' when 'd' then 'domain' else 'base'
    end as kind,
    case typnamespace
      when 'pg_catalog'::pg_catalog.regnamespace then pg_catalog.format_type(pg_type.oid, -1)
      else pg_catalog.format('%I.%I', nspname, typname)
    end as bare,
    typsend::pg_catalog.oid <> 0::pg_catalog.oid as sends,
    typcategory = 'A' and typelem <> 0::pg_catalog.oid as is_array
  from pg_catalog.pg_type
  join pg_catalog.pg_namespace on pg_namespace.oid = typnamespace
)
select pg_catalog.jsonb_build_object(
  'name', relations.relname,
  'kind', case relations.relkind
    when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view'
    when 'm' then 'materialized view' else 'foreign table'
  end,
  'subordinate',
    exists (select from pg_catalog.pg_inherits where inhrelid = relations.oid)
    or exists (
      select from pg_catalog.pg_depend
      where classid = 'pg_class'::pg_catalog.regclass and objid = relations.oid and deptype = 'e'
    ),
  'estimate', relations.reltuples,
  'primaryKey', (
    select coalesce(pg_catalog.jsonb_agg(attname order by pg_catalog.array_position(indkey::pg_catalog.int2[], attnum)), '[]')
    from pg_catalog.pg_index
    join pg_catalog.pg_attribute on attrelid = indrelid and attnum = any (indkey::pg_catalog.int2[])
    where indrelid = relations.oid and indisprimary
  ),
  'columns', (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'name', attname,
      'type', pg_catalog.jsonb_build_object(
        'label', pg_catalog.format_type(types.oid, used.modifier),
        'bare', types.bare,
        'name', types.typname,
        'builtin', types.builtin,
        'kind', types.kind,
        'modifier', used.modifier,
        'binary', types.sends,
        'element', case when types.is_array then pg_catalog.jsonb_build_object(
          'bare', elements.bare, 'builtin', elements.builtin, 'kind', elements.kind
        ) end
      )
    ) order by attnum), '[]')
    from pg_catalog.pg_attribute
    left join restricted on restricted.domain = atttypid and not exists (
      select from pg_catalog.pg_type where pg_type.oid = restricted.base and typtype = 'd'
    )
    cross join lateral (
      select coalesce(restricted.base, atttypid) as type,
        case when atttypmod = -1 then coalesce(restricted.modifier, -1) else atttypmod end
          as modifier
    ) as used
    join types on types.oid = used.type
    left join types as elements on elements.oid = types.typelem and types.is_array
    where attrelid = relations.oid and attnum > 0 and not attisdropped
  )
) as relation
from pg_catalog.pg_class as relations
where relations.relnamespace = (
    select oid from pg_catalog.pg_namespace where nspname = $schema
  )
  and relations.relkind in ('r', 'p', 'v', 'm', 'f')
order by relations.relname`;
