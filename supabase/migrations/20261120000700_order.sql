/*
 * Chapter 7: order. Parents come before children, as the targets' foreign keys say, and documents
 * after those that they refer to.
 *
 * Reads  landfall.entities, collections, pg_catalog
 * Writes nothing
 * Holds  the foreign keys that a pipeline fills have no cycle
 */

create function landfall.parents_of(entity_id int)
  returns table (parent_id int, parent text)
  language plpgsql
  stable
  security invoker
  set search_path = ''
  -- a plan of such a query costs more than the query: it is made once a session
  set plan_cache_mode = 'force_generic_plan'
as $$
begin
  return query
  select parents.id, parents.name
  from landfall.entities as children
  join pg_catalog.pg_constraint as constraints
    on constraints.conrelid = landfall.find_relation(children.target)
    and constraints.contype = 'f'
    and constraints.confrelid <> constraints.conrelid
  join landfall.entities as parents
    on parents.pipeline = children.pipeline
    and landfall.find_relation(parents.target) = constraints.confrelid
  where children.id = parents_of.entity_id
    and not exists (
      select
      from unnest(constraints.conkey) as keys (number)
      join pg_catalog.pg_attribute as columns
        on columns.attrelid = constraints.conrelid
        and columns.attnum = keys.number
      where not exists (
        select
        from pg_catalog.pg_attribute as offered
        where offered.attrelid = to_regclass(children.transform)
          and offered.attname = columns.attname
          and not offered.attisdropped
      )
    )

  union
  select parents.id, parents.name
  from landfall.collections
  join landfall.entities as children on children.id = collections.entity_id
  cross join jsonb_each_text(collections.refers_to) as referred (path, name)
  join landfall.entities as parents
    on parents.pipeline = children.pipeline
    and parents.name = referred.name
    and parents.id <> children.id
  where collections.entity_id = parents_of.entity_id;
end
$$;

comment on function landfall.parents_of is
$$Which entities of its pipeline must be there before an entity: the targets' foreign keys that its
transform fills, and what its documents refer to.$$;


create function landfall.entity_order(pipeline text)
  returns table (entity_id int, place int, parents int[])
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_ties  constant jsonb := (
    select coalesce(jsonb_agg(jsonb_build_object('child_id', entities.id) || to_jsonb(ties)), '[]')
    from landfall.entities
    cross join lateral landfall.parents_of(entities.id) as ties
    where entities.pipeline = entity_order.pipeline
  );
  v_cycle text;
begin
  with recursive ties as materialized (
    select * from jsonb_to_recordset(v_ties) as ties (child_id int, parent_id int, parent text)
  ),

  walk as (
    select entities.id, array[entities.id] as path, array[entities.name] as names, false as cyclic
    from landfall.entities
    where entities.pipeline = entity_order.pipeline

    union all

    select
      ties.parent_id,
      walk.path || ties.parent_id,
      walk.names || ties.parent,
      ties.parent_id = any (walk.path)
    from walk
    join ties on ties.child_id = walk.id
    where not walk.cyclic
  )
  select array_to_string(walk.names, ' → ')
  into v_cycle
  from walk
  where walk.cyclic
  order by cardinality(walk.path), walk.path
  limit 1;

  if v_cycle is not null then
    raise exception using
      errcode = 'LF105',
      message = format('Cannot order pipeline %s: its foreign keys form a cycle', pipeline),
      detail  = v_cycle,
      hint    = 'Leave one of these columns out of its transform, and set it when the run is done.';
  end if;

  return query
  with recursive ties as materialized (
    select * from jsonb_to_recordset(v_ties) as ties (child_id int, parent_id int)
  ),

  depths as (
    select entities.id, 0 as depth
    from landfall.entities
    where entities.pipeline = entity_order.pipeline

    union

    select ties.child_id, depths.depth + 1
    from depths
    join ties on ties.parent_id = depths.id
  )
  select
    depths.id,
    (row_number() over (order by max(depths.depth), depths.id))::int,
    array(select ties.parent_id from ties where ties.child_id = depths.id order by ties.parent_id)
  from depths
  group by depths.id;
end
$$;

comment on function landfall.entity_order is
$$Orders a pipeline's entities so that parents come before children, and names each one's parents.

Raises LF105, naming the cycle, when the targets' foreign keys have one.$$;

select landfall.close_doors();
