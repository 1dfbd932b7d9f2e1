/*
 * Chapter 4: views. What a view is made of, down to the tables that it reads.
 *
 * Reads  pg_catalog
 * Writes nothing
 * Holds  a view that changes, wherever below, gets another mark
 */

create function landfall.relations_below(view regclass)
  returns setof regclass
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return query
    with recursive below as (
      select relations_below.view as relation

      union
      select depends.refobjid::regclass
      from below
      join pg_catalog.pg_class as relations
        on relations.oid = below.relation and relations.relkind = 'v'
      join pg_catalog.pg_rewrite as rules on rules.ev_class = below.relation
      join pg_catalog.pg_depend as depends
        on depends.classid = 'pg_catalog.pg_rewrite'::regclass
        and depends.objid = rules.oid
        and depends.refclassid = 'pg_catalog.pg_class'::regclass
    )
    select below.relation from below;
end
$$;

comment on function landfall.relations_below is
$$Lists a view and what it reads: views, and what these read, down to the tables.$$;


create function landfall.looks_elsewhere(view regclass)
  returns text
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_tables text[] := array(
    select below.relation::text
    from landfall.relations_below(looks_elsewhere.view) as below (relation)
    join pg_catalog.pg_class as relations on relations.oid = below.relation
    where relations.relkind <> 'v'
    order by 1
  );
  v_function regprocedure := (
    select min(functions.oid)
    from landfall.relations_below(looks_elsewhere.view) as below (relation)
    join pg_catalog.pg_rewrite as rules on rules.ev_class = below.relation
    join pg_catalog.pg_depend as depends
      on depends.classid = 'pg_catalog.pg_rewrite'::regclass
      and depends.objid = rules.oid
      and depends.refclassid = 'pg_catalog.pg_proc'::regclass
    join pg_catalog.pg_proc as functions on functions.oid = depends.refobjid
    where functions.provolatile = 'v'
  );
begin
  return case
    when exists (
      select from landfall.columns_of(looks_elsewhere.view) as columns
      where columns.name = 'waiting_for'
    )
      then 'it waits for users'
    when cardinality(v_tables) > 1
      then format('it reads %s', array_to_string(v_tables, ', '))
    when v_function is not null
      then format('it calls %s, which is volatile', v_function)
  end;
end
$$;

comment on function landfall.looks_elsewhere is
$$Says why a row of a view cannot follow from its legacy row alone, as far as the catalog tells;
null when it may.$$;


create function landfall.transform_mark(shape jsonb)
  returns bigint
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select pg_catalog.hashtextextended(
      concat_ws(
        ' ',
        transform_mark.shape -> 'columns', transform_mark.shape -> 'key',
        transform_mark.shape -> 'checks',
        (
          select string_agg(definition.sql, ' ' order by definition.sql)
          from landfall.relations_below((transform_mark.shape ->> 'transform')::regclass) as below
          cross join lateral (select pg_catalog.pg_get_viewdef(below) as sql) as definition
        ),
        -- a view says which functions it calls, but not which these call
        (
          select sum(pg_catalog.hashtextextended(
            concat_ws(' ', functions.proname, functions.prosrc, functions.prosqlbody,
              functions.proconfig),
            0
          ))
          from pg_catalog.pg_proc as functions
          where functions.pronamespace <> 'pg_catalog'::regnamespace
        )
      ),
      0
    )
  );
end
$$;

comment on function landfall.transform_mark is
$$A number for all that an entity's rows are made by, beside the rows themselves: its views, the
target's columns and checks, and every function there is. Another number, and all rows are computed
again.$$;

select landfall.close_doors();
