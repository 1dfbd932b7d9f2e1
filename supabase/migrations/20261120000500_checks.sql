/*
 * Chapter 5: checks. What a target asks of a row stands in pg_catalog already: its columns and
 * their types, what must not be null, how long a text may be, its check constraints and foreign
 * keys.
 *
 * Reads  pg_catalog
 * Writes nothing
 * Holds  nothing about a target is said twice: no column or check is ever configured
 */

create function landfall.derived_checks(target regclass, written text[])
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    with keys as (
      select
        constraints.*,
        (
          select array_agg(columns.attname::text order by keys.nth)
          from unnest(constraints.conkey) with ordinality as keys (number, nth)
          join pg_catalog.pg_attribute as columns
            on columns.attrelid = constraints.conrelid and columns.attnum = keys.number
        ) as columns,
        (
          select comments.description
          from pg_catalog.pg_description as comments
          where comments.objoid = constraints.oid
            and comments.classoid = 'pg_catalog.pg_constraint'::regclass
        ) as said
      from pg_catalog.pg_constraint as constraints where conrelid = derived_checks.target
    ),

    written as materialized (
      select columns.*
      from landfall.columns_of(derived_checks.target) as columns
      where columns.name = any (derived_checks.written)
    ),

    not_nulls as (
      select
        1 as rank, columns.position::int as nth,
        jsonb_build_object(
          'kind', 'not null',
          'columns', jsonb_build_array(columns.name),
          'sql', format('%I is not null', columns.name),
          'reason', format('%s is missing', columns.name)
        ) as checked
      from written as columns
      where columns.required
    ),

    lengths as (
      select
        2, columns.position::int,
        jsonb_build_object(
          'kind', 'length',
          'columns', jsonb_build_array(columns.name),
          'sql', format('char_length(%I) <= %s', columns.name, columns.longest),
          'reason', format('%s is longer than %s characters', columns.name, columns.longest)
        )
      from written as columns
      where columns.longest is not null
    ),

    conditions as (
      select
        3, row_number() over (order by keys.conname)::int,
        jsonb_build_object(
          'kind', 'check',
          'columns', to_jsonb(keys.columns),
          'sql', pg_catalog.pg_get_expr(keys.conbin, keys.conrelid),
          'reason', coalesce(keys.said, format('%s does not hold', keys.conname))
        )
      from keys where keys.contype = 'c'
    ),

    parents as (
      select
        4, row_number() over (order by keys.conname)::int,
        jsonb_build_object(
          'kind', 'foreign key',
          'columns', to_jsonb(keys.columns),
          'parent', keys.confrelid::regclass::text,
          'self', keys.confrelid = keys.conrelid,
          'keyColumn', matches.to_key,
          'said', keys.said,
          'match', matches.sql,
          'parentColumns', matches.parents,
          -- the same of many parents, asked once for all rows named given
          'setSql', case when matches.alike and matches.many then format(
            '%s or (%s) %s any (select %s from %s as parent where %s)',
            matches.absent, matches.given, matches.operator, matches.taken,
            keys.confrelid::regclass, coalesce(matches.near_key, matches.near)
          ) end,
          'sql', format(
            '%s or exists (select from %s as parent where %s)%s',
            matches.absent, keys.confrelid::regclass, matches.sql,
            -- a row may refer to itself
            case when keys.confrelid = keys.conrelid
              then format(' or (%s)', replace(matches.sql, 'parent.', 'row_.')) end
          ),
          'reason', coalesce(keys.said, format(
            '%s has no row in %s', array_to_string(keys.columns, ', '), keys.confrelid::regclass
          ))
        )
      from keys
      cross join lateral (
        select
          string_agg(
            format('parent.%I %s row_.%I', parent.attname, equal.operator, child.attname),
            ' and ' order by pairs.nth
          ) as sql,
          string_agg(format('row_.%I is null', child.attname), ' or ' order by pairs.nth) as absent,
          jsonb_agg(parent.attname order by pairs.nth) as parents,
          string_agg(format('row_.%I', child.attname), ', ' order by pairs.nth) as given,
          string_agg(format('parent.%I', parent.attname), ', ' order by pairs.nth) as taken,
          -- of one type, and to be looked up by their hash
          bool_and(
            parent.atttypid = child.atttypid and parent.attcollation = child.attcollation
            and operators.oprcanhash
          ) and count(distinct equal.operator) = 1 as alike,
          -- of few, Postgres makes a table to look into
          keys.confrelid <> keys.conrelid and (
            select relations.reltuples not between 0 and 10000
            from pg_catalog.pg_class as relations where relations.oid = keys.confrelid
          ) as many,
          min(equal.operator) as operator,
          -- the column that names the parent by its primary key, if one does
          min(child.attname::text) filter (where equal.by_key) as to_key,
          string_agg(equal.near, ' and ') filter (where equal.by_key) as near_key,
          string_agg(equal.near, ' and ' order by pairs.nth) as near
        from unnest(keys.conkey, keys.confkey, keys.conpfeqop)
          with ordinality as pairs (child, parent, operator, nth)
        join pg_catalog.pg_attribute as child
          on child.attrelid = keys.conrelid and child.attnum = pairs.child
        join pg_catalog.pg_attribute as parent
          on parent.attrelid = keys.confrelid and parent.attnum = pairs.parent
        join pg_catalog.pg_operator as operators on operators.oid = pairs.operator
        join pg_catalog.pg_namespace as schemas on schemas.oid = operators.oprnamespace
        cross join lateral (
          select
            written.operator,
            format('parent.%I %s any (array(select distinct given.%I from given))',
              parent.attname, written.operator, child.attname) as near,
            array[pairs.parent] = (
              select primaries.conkey from pg_catalog.pg_constraint as primaries
              where primaries.conrelid = keys.confrelid and primaries.contype = 'p'
            ) as by_key
          from format('operator(%I.%s)', schemas.nspname, operators.oprname) as written (operator)
        ) as equal
      ) as matches
      where keys.contype = 'f' and keys.columns <@ derived_checks.written
    )

    select coalesce(jsonb_agg(everything.checked order by everything.rank, everything.nth), '[]')
    from (
      table not_nulls union all table lengths union all table conditions union all table parents
    ) as everything
  );
end
$$;

comment on function landfall.derived_checks is
$$Lists the conditions the target's constraints put on one row, as SQL over a row named row_.

The reason is the constraint's comment where it has one. Unique constraints are not here:
whether a row meets them is known when it is written.$$;

select landfall.close_doors();
