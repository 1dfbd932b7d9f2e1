/*
 * Chapter 4: definitions. An entity or rule is checked when it is given, against the catalog
 * and by Postgres's own parser, so that a run does not find the mistake.
 *
 * Reads  landfall.pipelines, pg_catalog
 * Writes landfall.entities, landfall.rules
 * Holds  every view fits its target; the targets' foreign keys have no cycle
 */

create view landfall.entity_parents
  with (security_invoker = true)
as
select distinct
  children.pipeline,
  children.id as child_id,
  children.name as child,
  parents.id as parent_id,
  parents.name as parent
from landfall.entities as children
join pg_catalog.pg_constraint as constraints
  on constraints.conrelid = to_regclass(children.target)
  and constraints.contype = 'f'
  and constraints.confrelid <> constraints.conrelid
join landfall.entities as parents
  on parents.pipeline = children.pipeline
  and to_regclass(parents.target) = constraints.confrelid;

comment on view landfall.entity_parents is
$$Which entity must be there before which: the targets' foreign keys, inside one pipeline.$$;


create function landfall.entity_order(pipeline text)
  returns table (entity_id int, place int)
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_cycle text;
begin
  with recursive walk as (
    select entities.id, array[entities.id] as path, array[entities.name] as names, false as cyclic
    from landfall.entities
    where entities.pipeline = entity_order.pipeline

    union all

    select
      entity_parents.parent_id,
      walk.path || entity_parents.parent_id,
      walk.names || entity_parents.parent,
      entity_parents.parent_id = any (walk.path)
    from walk
    join landfall.entity_parents on entity_parents.child_id = walk.id
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
      hint    = 'Leave one of these columns out of its transform and fill it in a second entity.';
  end if;

  return query
  with recursive depths as (
    select entities.id, 0 as depth
    from landfall.entities
    where entities.pipeline = entity_order.pipeline

    union

    select entity_parents.child_id, depths.depth + 1
    from depths
    join landfall.entity_parents on entity_parents.parent_id = depths.id
  )
  select depths.id, (row_number() over (order by max(depths.depth), depths.id))::int
  from depths
  group by depths.id;
end
$$;

comment on function landfall.entity_order is
$$Orders a pipeline's entities so that parents come before children.

Raises LF105, naming the cycle, when the targets' foreign keys have one.$$;


create function landfall.define_entity(
  pipeline text,
  name text,
  target text,
  transform text default null,
  secret_fields text[] default '{}'
)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_target    regclass := to_regclass(define_entity.target);
  v_transform regclass := to_regclass(
    coalesce(define_entity.transform, format('transform.%I', pipeline || '_' || name)));
  v_shape     jsonb;
  v_problem   text;
  v_columns   text;
begin
  if not exists (select from landfall.pipelines where pipelines.name = define_entity.pipeline) then
    raise exception using
      errcode = 'LF101',
      message = format('Cannot define entity %s: there is no pipeline %s', name, pipeline),
      hint    = 'Call landfall.define_pipeline first.';
  end if;

  v_shape := landfall.entity_shape(v_target, v_transform);

  v_problem := case
    when name is null or name !~ '^[a-z][a-z0-9_]{0,39}$'
      then 'its name is not a lower case word'
    when v_target is null
      then format('there is no table %s', target)
    when v_transform is null
      then format('there is no view %s', coalesce(transform, 'transform.' || pipeline || '_' || name))
    when v_shape ->> 'key' is null
      then format('%s has no primary key', v_target)
    when (
      select count(*) <> 2
      from landfall.target_columns
      where relation = v_transform
        and (target_columns.name, type) in (('source_key', 'text'), ('source_row', 'jsonb'))
    )
      then format('%s lacks source_key text or source_row jsonb', v_transform)
  end;

  v_problem := coalesce(
    v_problem,
    (
      select format('%s has a column %s that %s lacks', v_transform, offered.name, v_target)
      from landfall.target_columns as offered
      where offered.relation = v_transform
        and offered.name not in ('source_key', 'source_row', 'waiting_for', 'scope_key')
        and not exists (
          select from landfall.target_columns as wanted
          where wanted.relation = v_target and wanted.name = offered.name and not wanted.generated
        )
      limit 1
    ),
    (
      select format('%s lacks column %s, which %s requires', v_transform, wanted.name, v_target)
      from landfall.target_columns as wanted
      where wanted.relation = v_target
        and wanted.required
        and wanted.expression is null
        and not exists (
          select from landfall.target_columns as offered
          where offered.relation = v_transform and offered.name = wanted.name
        )
      limit 1
    )
  );

  if v_problem is null then
    select string_agg(format('%I', columns ->> 'name'), ', ')
    into v_columns
    from jsonb_array_elements(v_shape -> 'columns') as columns;

    begin
      execute format(
        $sql$explain insert into %1$s (%2$s) overriding system value select %2$s from %3$s$sql$,
        v_target,     -- %1$s  regclass, quoted by Postgres
        v_columns,    -- %2$s  quoted above with %I
        v_transform   -- %3$s  regclass, quoted by Postgres
      );
    exception when others then
      v_problem := sqlerrm;
    end;
  end if;

  if v_problem is not null then
    raise exception using
      errcode = 'LF103',
      message = format('Cannot define entity %s.%s: %s', pipeline, name, v_problem),
      detail  = 'A transform has source_key text, source_row jsonb and the columns of its target.',
      hint    = 'Mend the view or the table, then define the entity again.';
  end if;

  insert into landfall.entities (pipeline, name, target, transform, secret_fields)
  values (
    define_entity.pipeline,
    define_entity.name,
    v_target::text,
    v_transform::text,
    coalesce(define_entity.secret_fields, '{}')
  )
  on conflict on constraint entities_pipeline_name_key do update
  set
    target = excluded.target,
    transform = excluded.transform,
    secret_fields = excluded.secret_fields;

  perform landfall.entity_order(define_entity.pipeline);
end
$$;

comment on function landfall.define_entity is
$$Defines an entity: the target table and the view that says what a legacy row becomes.

The view is transform.<pipeline>_<name> unless named. Everything else (columns, order,
checks) is read from the catalog. Raises LF103 when view and target do not fit, LF105 when
the targets' foreign keys form a cycle.$$;


create function landfall.define_rule(
  pipeline text,
  entity text,
  name text,
  action text,
  reason text,
  condition text default null,
  query text default null
)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_entity  landfall.entities;
  v_problem text;
begin
  select entities.*
  into v_entity
  from landfall.entities
  where entities.pipeline = define_rule.pipeline
    and entities.name = define_rule.entity;

  v_problem := case
    when v_entity.id is null
      then format('pipeline %s has no entity %s', pipeline, entity)
    when name is null or name !~ '^[a-z][a-z0-9_]{0,39}$'
      then 'its name is not a lower case word'
    when action not in ('reject', 'defer', 'finding')
      then format('its action is %s, not reject, defer or finding', action)
    when (condition is null) = (query is null)
      then 'it needs either a condition or a query'
    when action = 'defer' and condition is null
      then 'a row is deferred by a condition, not by a query'
    when coalesce(reason, '') = ''
      then 'it has no reason to report'
  end;

  if v_problem is null then
    begin
      if condition is not null then
        execute format('explain select from %s where (%s)', v_entity.transform, condition);
      else
        execute format('explain select source_key::text from (%s) as failing', query);
      end if;
    exception when others then
      v_problem := sqlerrm;
    end;
  end if;

  if v_problem is not null then
    raise exception using
      errcode = 'LF104',
      message = format('Cannot define rule %s of %s.%s: %s', name, pipeline, entity, v_problem),
      detail  = 'A condition is a boolean expression over the transform''s columns; '
                'a query has a column source_key.',
      hint    = 'Mend the rule and define it again.';
  end if;

  insert into landfall.rules (entity_id, name, action, condition, query, reason)
  values (
    v_entity.id,
    define_rule.name,
    define_rule.action,
    define_rule.condition,
    define_rule.query,
    define_rule.reason
  )
  on conflict on constraint rules_pkey do update
  set
    action = excluded.action,
    condition = excluded.condition,
    query = excluded.query,
    reason = excluded.reason;
end
$$;

comment on function landfall.define_rule is
$$Defines a condition that an entity's rows must meet beside the target's own constraints.

The reason is what a reject, a deferred row or a finding says of itself. Raises LF104 when
the condition or query does not parse against the transform.$$;

select landfall.close_doors();
