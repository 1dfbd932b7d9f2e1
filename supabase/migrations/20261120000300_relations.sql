/*
 * Chapter 3: relations. What Postgres knows of a table or a view, as the engine's statements need
 * it.
 *
 * Reads  pg_catalog
 * Writes nothing
 * Holds  what is asked often is a PL/pgSQL function: its plans are made once a session, those of an
 *        SQL function at every call
 */

create function landfall.columns_of(relation regclass)
  returns table (
    "position"  smallint,
    name        text,
    type        text,
    longest     int,
    required    boolean,
    generated   boolean,
    identity    boolean,
    always      boolean,
    expression  text,
    sequence    text,
    hashable    boolean
  )
  language plpgsql
  stable
  security invoker
  set search_path = ''
  -- a plan of such a query costs more than the query: it is made once a session
  set plan_cache_mode = 'force_generic_plan'
as $$
begin
  return query
  select
    attributes.attnum as position,
    attributes.attname::text as name,
    -- an explicit cast to varchar(n) would cut the text in silence: its length is checked instead,
    -- or, inside an array or a domain, left to the write
    case
      when base.typname in ('varchar', 'bpchar', 'bit', 'varbit')
        then pg_catalog.format_type(base.oid, -1) || case when base.listed then '[]' else '' end
      else pg_catalog.format_type(attributes.atttypid, attributes.atttypmod)
    end as type,
    case when types.typname in ('varchar', 'bpchar') and attributes.atttypmod > 4
      then attributes.atttypmod - 4 end as longest,
    attributes.attnotnull as required,
    attributes.attgenerated <> '' as generated,
    attributes.attidentity <> '' as identity,
    attributes.attidentity = 'a' as always,
    case
      when attributes.attidentity <> ''
        then format('nextval(%L::regclass)', sequences.sequence::regclass::text)
      else pg_catalog.pg_get_expr(defaults.adbin, defaults.adrelid)
    end as expression,
    sequences.sequence::regclass::text as sequence,
    -- a hash must tell apart what reads differently, as a type's own may not: citext's, for one
    types.typname = 'varchar' or types.typtype = 'e' or exists (
      select
      from pg_catalog.pg_opclass as classes
      join pg_catalog.pg_am as methods on methods.oid = classes.opcmethod
      where methods.amname = 'hash'
        and classes.opcdefault
        and classes.opcintype = attributes.atttypid
        and classes.opcnamespace = 'pg_catalog'::regnamespace
    ) as hashable
  from pg_catalog.pg_attribute as attributes
  join pg_catalog.pg_type as types on types.oid = attributes.atttypid
  cross join lateral (
    with recursive layers as (
      select types.oid, false as listed

      union all
      select
        coalesce(nullif(outside.typbasetype, 0), outside.typelem),
        layers.listed or outside.typbasetype = 0
      from layers
      -- one look into the index a layer
      cross join lateral (
        select pg_type.* from pg_catalog.pg_type where pg_type.oid = layers.oid offset 0
      ) as outside
      where outside.typtype = 'd' or outside.typcategory = 'A'
    )
    select innermost.oid, innermost.typname, layers.listed
    from layers
    cross join lateral (
      select pg_type.* from pg_catalog.pg_type where pg_type.oid = layers.oid offset 0
    ) as innermost
    where innermost.typtype <> 'd' and innermost.typcategory <> 'A'
  ) as base
  left join pg_catalog.pg_attrdef as defaults
    on defaults.adrelid = attributes.attrelid
    and defaults.adnum = attributes.attnum
  left join lateral (
    select depends.refobjid as sequence
    from pg_catalog.pg_depend as depends
    join pg_catalog.pg_class as relations
      on relations.oid = depends.refobjid
      and relations.relkind = 'S'
    where depends.classid = 'pg_catalog.pg_attrdef'::regclass
      and depends.objid = defaults.oid
      and depends.refclassid = 'pg_catalog.pg_class'::regclass

    union all
    select depends.objid
    from pg_catalog.pg_depend as depends
    where attributes.attidentity <> ''
      and depends.classid = 'pg_catalog.pg_class'::regclass
      and depends.refclassid = 'pg_catalog.pg_class'::regclass
      and depends.refobjid = attributes.attrelid
      and depends.refobjsubid = attributes.attnum
      and depends.deptype = 'i'
    limit 1
  ) as sequences on true
  where attributes.attrelid = columns_of.relation
    and attributes.attnum > 0
    and not attributes.attisdropped;
end
$$;

comment on function landfall.columns_of is
$$The columns of a relation, as the engine's statements need them.

expression is the default, the sequence of an identity, or how a generated column is computed;
sequence is the one it draws from, owned or not.$$;


create function landfall.is_indexed(relation regclass, columns smallint[])
  returns boolean
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return exists (
    select
    from pg_catalog.pg_index as indexes
    where indexes.indrelid = is_indexed.relation
      and indexes.indisvalid
      and indexes.indpred is null
      and indexes.indkey[0] = any (is_indexed.columns)
  );
end
$$;

comment on function landfall.is_indexed is
$$Whether a row can be looked up by these columns: an index begins with one of them. Where a table
is empty but for dead rows, Postgres must be told to (offset 0): it would walk the whole index.$$;


create function landfall.referrers(target regclass)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select coalesce(
      jsonb_agg(
        jsonb_build_object(
          'self', constraints.conrelid = constraints.confrelid,
          'relation', constraints.conrelid::regclass::text, 'oid', constraints.conrelid::oid,
          'sql', format('exists (select from %s as child where %s%s)', conrelid::regclass,
            matches.sql, case when landfall.is_indexed(conrelid, conkey) then ' offset 0' end),
          'match', matches.sql,
          'filled', matches.filled,
          -- a delete would go on to the rows that refer
          'follows', constraints.confdeltype in ('c', 'n', 'd'),
          -- what a new value in the columns referred to would empty
          'emptied', case when constraints.confupdtype in ('n', 'd') then format(
            'exists (select from %s as child where %s and (%s))',
            constraints.conrelid::regclass, matches.sql, matches.changes
          ) end
        )
        order by constraints.conrelid::regclass::text, constraints.conname
      ),
      '[]'
    )
    from pg_catalog.pg_constraint as constraints
    cross join lateral (
      select string_agg(
        format('stored_.%I operator(%I.%s) child.%I',
          parent.attname, schemas.nspname, operators.oprname, child.attname),
        ' and ' order by pairs.nth
      ) as sql,
      string_agg(format('child.%I is not null', child.attname), ' and ' order by pairs.nth)
        as filled,
      string_agg(
        format('stored_.%I::text is distinct from changes.before_image ->> %L',
          parent.attname, parent.attname),
        ' or ' order by pairs.nth
      ) as changes
      from unnest(constraints.conkey, constraints.confkey, constraints.conpfeqop)
        with ordinality as pairs (child, parent, equal, nth)
      join pg_catalog.pg_attribute as child
        on child.attrelid = constraints.conrelid and child.attnum = pairs.child
      join pg_catalog.pg_attribute as parent
        on parent.attrelid = constraints.confrelid and parent.attnum = pairs.parent
      join pg_catalog.pg_operator as operators on operators.oid = pairs.equal
      join pg_catalog.pg_namespace as schemas on schemas.oid = operators.oprnamespace
    ) as matches
    where constraints.contype = 'f'
      -- a partition's own constraint repeats that of its table
      and constraints.conparentid = 0
      -- a row may be referred to through its table, a partition, or what its table is part of
      and (
        constraints.confrelid = referrers.target
        or constraints.confrelid in (
          select relid from pg_catalog.pg_partition_tree(referrers.target) union all
          select * from pg_catalog.pg_partition_ancestors(referrers.target)
        )
      )
  );
end
$$;

comment on function landfall.referrers is
$$Lists the foreign keys that lead to a table, each with the condition that a row refers to the
target row named stored_.

Whatever a foreign key says of deletes: a row that would be deleted or emptied with its parent is
somebody's.$$;

select landfall.close_doors();
