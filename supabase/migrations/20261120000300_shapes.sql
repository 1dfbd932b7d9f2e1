/*
 * Chapter 3: shapes. What the engine must know of an entity stands in pg_catalog already: the
 * columns of its view and target, keys, defaults, checks. A shape is that knowledge as one jsonb.
 *
 * Reads  pg_catalog
 * Writes nothing
 * Holds  nothing about a target is said twice: no column, key or check is ever configured
 */

create view landfall.target_columns
  with (security_invoker = true)
as
select
  attributes.attrelid as relation,
  attributes.attnum as position,
  attributes.attname::text as name,
  -- an explicit cast to varchar(n) would cut the text in silence: it is checked instead
  case
    when types.typname in ('varchar', 'bpchar', 'bit', 'varbit')
      then pg_catalog.format_type(attributes.atttypid, -1)
    else pg_catalog.format_type(attributes.atttypid, attributes.atttypmod)
  end as type,
  case
    when types.typname in ('varchar', 'bpchar') and attributes.atttypmod > 4
      then attributes.atttypmod - 4
  end as longest,
  attributes.attnotnull as required,
  attributes.attgenerated <> '' as generated,
  attributes.attidentity <> '' as identity,
  case
    when attributes.attidentity <> '' then format(
      'nextval(%L::regclass)',
      pg_catalog.pg_get_serial_sequence(
        attributes.attrelid::regclass::text, attributes.attname
      )
    )
    else pg_catalog.pg_get_expr(defaults.adbin, defaults.adrelid)
  end as expression,
  types.typname = 'varchar' or types.typtype = 'e' or exists (
    select
    from pg_catalog.pg_opclass as classes
    join pg_catalog.pg_am as methods on methods.oid = classes.opcmethod
    where methods.amname = 'hash'
      and classes.opcdefault
      and classes.opcintype = attributes.atttypid
  ) as hashable
from pg_catalog.pg_attribute as attributes
join pg_catalog.pg_type as types on types.oid = attributes.atttypid
left join pg_catalog.pg_attrdef as defaults
  on defaults.adrelid = attributes.attrelid
  and defaults.adnum = attributes.attnum
where attributes.attnum > 0
  and not attributes.attisdropped;

comment on view landfall.target_columns is
$$The columns of every relation, as the engine's statements need them.

expression is the default, the sequence of an identity, or how a generated column is computed.$$;


create function landfall.derived_checks(target regclass, written text[])
  returns jsonb
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  with keys as (
    select
      constraints.*,
      (
        select array_agg(columns.attname::text order by keys.nth)
        from unnest(constraints.conkey) with ordinality as keys (number, nth)
        join pg_catalog.pg_attribute as columns
          on columns.attrelid = constraints.conrelid and columns.attnum = keys.number
      ) as columns,
      pg_catalog.obj_description(constraints.oid, 'pg_constraint') as said
    from pg_catalog.pg_constraint as constraints
    where constraints.conrelid = derived_checks.target
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
    from landfall.target_columns as columns
    where columns.relation = derived_checks.target
      and columns.required
      and columns.name = any (derived_checks.written)
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
    from landfall.target_columns as columns
    where columns.relation = derived_checks.target
      and columns.longest is not null
      and columns.name = any (derived_checks.written)
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
    from keys
    where keys.contype = 'c'
  ),

  parents as (
    select
      4, row_number() over (order by keys.conname)::int,
      jsonb_build_object(
        'kind', 'foreign key',
        'columns', to_jsonb(keys.columns),
        'parent', keys.confrelid::regclass::text,
        'self', keys.confrelid = keys.conrelid,
        'toKey', keys.confkey = (
          select primaries.conkey
          from pg_catalog.pg_constraint as primaries
          where primaries.conrelid = keys.confrelid and primaries.contype = 'p'
        ),
        'sql', (
          select format(
            '%s or exists (select from %s as parent where %s)%s',
            string_agg(format('row_.%I is null', child.attname), ' or ' order by pairs.nth),
            keys.confrelid::regclass,
            string_agg(
              format('parent.%I = row_.%I', parent.attname, child.attname),
              ' and ' order by pairs.nth
            ),
            -- a row may refer to itself
            case when keys.confrelid = keys.conrelid then ' or (' || string_agg(
              format('row_.%I = row_.%I', parent.attname, child.attname),
              ' and ' order by pairs.nth
            ) || ')' end
          )
          from unnest(keys.conkey, keys.confkey) with ordinality as pairs (child, parent, nth)
          join pg_catalog.pg_attribute as child
            on child.attrelid = keys.conrelid and child.attnum = pairs.child
          join pg_catalog.pg_attribute as parent
            on parent.attrelid = keys.confrelid and parent.attnum = pairs.parent
        ),
        'reason', format('%s has no row in %s',
          array_to_string(keys.columns, ', '), keys.confrelid::regclass)
      )
    from keys
    where keys.contype = 'f'
      and keys.columns <@ derived_checks.written
  ),

  everything as (
    select * from not_nulls
    union all select * from lengths
    union all select * from conditions
    union all select * from parents
  )

  select coalesce(jsonb_agg(everything.checked order by everything.rank, everything.nth), '[]')
  from everything
$$;

comment on function landfall.derived_checks is
$$Lists the conditions the target's constraints put on one row, as SQL over a row named row_.

The reason is the constraint's comment where it has one. Unique constraints are not here:
whether a row meets them is known when it is written.$$;


create function landfall.unique_keys(target regclass, written text[])
  returns jsonb
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  with keys as (
    select
      indexes.indexrelid,
      indexes.indisprimary,
      pg_catalog.pg_get_expr(indexes.indpred, indexes.indrelid) as predicate,
      pg_catalog.obj_description(constraints.oid, 'pg_constraint') as said,
      parts.nth,
      parts.number,
      pg_catalog.pg_get_indexdef(indexes.indexrelid, parts.nth::int, false) as expression
    from pg_catalog.pg_index as indexes
    left join pg_catalog.pg_constraint as constraints
      on constraints.conindid = indexes.indexrelid
      and constraints.conrelid = indexes.indrelid
      and constraints.contype in ('p', 'u')
    cross join unnest(indexes.indkey) with ordinality as parts (number, nth)
    where indexes.indrelid = unique_keys.target
      and indexes.indisunique
      and parts.nth <= indexes.indnkeyatts
  ),

  listed as (
    select
      keys.indexrelid,
      keys.indisprimary,
      keys.said,
      keys.predicate,
      string_agg(keys.expression, ', ' order by keys.nth) as expressions,
      bool_and(keys.number <> 0) and keys.predicate is null as plain,
      string_agg(
        format('taken.%1$s = row_.%1$s', keys.expression), ' and ' order by keys.nth
      ) as equal,
      string_agg(format(', (%s) as lf_%s', keys.expression, keys.nth), '' order by keys.nth)
        as computed,
      string_agg(
        format('taken.lf_%s = (select %s from (select row_.*) as given_)',
          keys.nth, keys.expression),
        ' and ' order by keys.nth
      ) as equal_computed
    from keys
    group by keys.indexrelid, keys.indisprimary, keys.said, keys.predicate
  )

  select coalesce(
    jsonb_agg(
      jsonb_build_object(
        'primary', listed.indisprimary,
        'relation', case
          when listed.plain then format('%s as taken', unique_keys.target)
          else format('(select *%s from %s where %s) as taken',
            listed.computed, unique_keys.target, coalesce(listed.predicate, 'true'))
        end,
        'match', case
          when listed.plain then listed.equal
          else concat_ws(' and ', listed.equal_computed,
            format('(select %s from (select row_.*) as given_)', listed.predicate))
        end,
        'reason', coalesce(
          listed.said, format('%s is taken in %s', listed.expressions, unique_keys.target)
        )
      )
      order by listed.indisprimary desc, listed.indexrelid
    ),
    '[]'
  )
  from listed
  where not exists (
    select
    from pg_catalog.pg_depend as uses
    join pg_catalog.pg_attribute as columns
      on columns.attrelid = uses.refobjid
      and columns.attnum = uses.refobjsubid
    where uses.classid = 'pg_catalog.pg_class'::regclass
      and uses.objid = listed.indexrelid
      and uses.refobjid = unique_keys.target
      and uses.refobjsubid > 0
      and columns.attname <> all (unique_keys.written)
  )
  and not exists (
    select
    from keys
    join pg_catalog.pg_attribute as columns
      on columns.attrelid = unique_keys.target
      and columns.attnum = keys.number
    where keys.indexrelid = listed.indexrelid
      and columns.attname <> all (unique_keys.written)
  )
$$;

comment on function landfall.unique_keys is
$$Lists the target's unique keys, partial and expression indexes too: each with the relation and
the condition that find whether a row named row_ has its place taken.

A key over a column that the transform does not give is left to Postgres.$$;


create function landfall.entity_shape(target regclass, transform regclass)
  returns jsonb
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  with written as (
    select target_columns.*
    from landfall.target_columns
    join landfall.target_columns as offered
      on offered.relation = entity_shape.transform
      and offered.name = target_columns.name
    where target_columns.relation = entity_shape.target
      and not target_columns.generated
  ),

  key as (
    select target_columns.*, keys.nth
    from pg_catalog.pg_index as indexes
    cross join unnest(indexes.indkey) with ordinality as keys (number, nth)
    join landfall.target_columns
      on target_columns.relation = indexes.indrelid
      and target_columns.position = keys.number
    where indexes.indrelid = entity_shape.target
      and indexes.indisprimary
  ),

  stored as (
    select target_columns.*
    from landfall.target_columns
    where target_columns.relation = entity_shape.target
      and not target_columns.generated
  ),

  names as (
    select array_agg(columns.name) as list
    from (select name from written union select name from key) as columns
  )

  select jsonb_build_object(
    'target', entity_shape.target::text,
    'transform', entity_shape.transform::text,
    'waits', exists (
      select from landfall.target_columns
      where relation = entity_shape.transform and name = 'waiting_for'
    ),
    'scoped', exists (
      select from landfall.target_columns
      where relation = entity_shape.transform and name = 'scope_key'
    ),
    'columns', (
      select coalesce(jsonb_agg(to_jsonb(written) - 'relation' order by written.position), '[]')
      from written
    ),
    'key', (select jsonb_agg(to_jsonb(key) - 'relation' order by key.nth) from key),
    'keyNames', (select jsonb_agg(key.name order by key.nth) from key),
    'stored', (
      select jsonb_agg(
        jsonb_build_object('name', name, 'type', type, 'hashable', hashable) order by position
      )
      from stored
    ),
    'computed', (
      select coalesce(jsonb_agg(to_jsonb(others) - 'relation' order by others.position), '[]')
      from landfall.target_columns as others
      where others.relation = entity_shape.target
        and others.name <> all (names.list)
    ),
    -- what is stored differs from what was given when a trigger or a default has a say
    'rewrites', (
      select count(*) from stored where stored.name <> all (names.list)
    ) > 0 or exists (
      select from pg_catalog.pg_trigger as triggers
      where triggers.tgrelid = entity_shape.target
        and not triggers.tgisinternal
        and triggers.tgtype & 3 = 3
    ),
    'checks', landfall.derived_checks(entity_shape.target, names.list),
    'uniques', landfall.unique_keys(entity_shape.target, names.list)
  )
  from names
$$;

comment on function landfall.entity_shape is
$$Derives from the catalog what the engine must know to write an entity's rows.

Read once a run and entity, so that all batches of a run are written alike.$$;

select landfall.close_doors();
