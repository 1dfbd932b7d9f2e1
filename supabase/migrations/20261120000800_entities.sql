/*
 * Chapter 8: entities. An entity is checked when it is defined, against the catalog and by
 * Postgres's own planner, so that a run does not find the mistake.
 *
 * Reads  landfall.pipelines, collections, pg_catalog
 * Writes landfall.entities
 * Holds  every view fits its target
 */

create function landfall.writes_documents(pipeline text)
  returns boolean
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return exists (
    select
    from landfall.collections
    join landfall.entities on entities.id = collections.entity_id
    where entities.pipeline = writes_documents.pipeline
  );
end
$$;

comment on function landfall.writes_documents is
$$Whether a pipeline's rows become documents.$$;


create function landfall.define_entity(
  pipeline text,
  name text,
  target text,
  transform text default null,
  secret_fields text[] default '{}',
  sums text[] default '{}',
  self_contained boolean default false
)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_target    regclass := landfall.find_relation(define_entity.target);
  v_transform regclass := landfall.find_relation(
    coalesce(define_entity.transform, format('transform.%I', pipeline || '_' || name)));
  v_shape     jsonb;
  v_problem   text;
  v_columns   text;
  v_sums      text;
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
    when landfall.writes_documents(pipeline)
      then 'its pipeline writes documents'
    when v_transform is null
      then format(
        'there is no view %s', coalesce(transform, 'transform.' || pipeline || '_' || name)
      )
    when v_shape ->> 'key' is null
      then format('%s has no primary key', v_target)
    when (
      select count(*) <> 2
      from landfall.columns_of(v_transform) as columns
      where (columns.name, type) in (('source_key', 'text'), ('source_row', 'jsonb'))
    )
      then format('%s lacks source_key text or source_row jsonb', v_transform)
    when exists (
      select
      from landfall.columns_of(v_target) as columns
      where columns.name like 'lf\_%'
    )
      then format('%s has a column that begins with lf_, as the engine''s own do', v_target)
    when exists (
      select
      from landfall.columns_of(v_transform) as columns
      where columns.name = 'waiting_for' and type <> 'text'
    )
      then format('waiting_for of %s is not text', v_transform)
    when not exists (
      select from landfall.columns_of(v_transform) as columns
      where (columns.name, type) = ('scope_key', 'text')
    ) and exists (
      select from landfall.pipelines
      where pipelines.name = define_entity.pipeline and pipelines.scopes is not null
    )
      then format('%s lacks scope_key text, as the pipeline has scopes', v_transform)
    when exists (
      select
      from landfall.entities
      where entities.pipeline = define_entity.pipeline
        and entities.target = v_target::text
        and entities.name <> define_entity.name
    )
      then format('another entity of the pipeline writes %s', v_target)
  end;

  v_problem := coalesce(
    v_problem,
    (
      select format('%s has a column %s that %s lacks', v_transform, offered.name, v_target)
      from landfall.columns_of(v_transform) as offered
      where offered.name not in ('source_key', 'source_row', 'waiting_for', 'scope_key')
        and not exists (
          select from landfall.columns_of(v_target) as wanted
          where wanted.name = offered.name and not wanted.generated
        )
      limit 1
    ),
    (
      select format('%s lacks column %s, which %s requires', v_transform, wanted.name, v_target)
      from landfall.columns_of(v_target) as wanted
      where wanted.required
        and wanted.expression is null
        and not exists (
          select from landfall.columns_of(v_transform) as offered
          where offered.name = wanted.name
        )
      limit 1
    ),
    (
      select format('it is to sum %s, which is no column of %s', summed.name, v_transform)
      from unnest(define_entity.sums) as summed (name)
      where not v_shape -> 'columns' @> jsonb_build_array(jsonb_build_object('name', summed.name))
      limit 1
    ),
    case when define_entity.self_contained
      then landfall.looks_elsewhere(v_transform) || ': its rows are not self-contained' end
  );

  if v_problem is null then
    select
      string_agg(format('%I', columns ->> 'name'), ', '),
      string_agg(format(', sum(%I)::numeric', columns ->> 'name'), '')
        filter (where columns ->> 'name' = any (define_entity.sums))
    into v_columns, v_sums
    from jsonb_array_elements(v_shape -> 'columns') as columns;

    begin
      execute format('explain select 1%s from %s', v_sums, v_target);
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

  insert into landfall.entities
    (pipeline, name, target, transform, secret_fields, sums, self_contained)
  values (
    define_entity.pipeline,
    define_entity.name,
    v_target::text,
    v_transform::text,
    coalesce(define_entity.secret_fields, '{}'),
    coalesce(define_entity.sums, '{}'),
    coalesce(define_entity.self_contained, false)
  )
  on conflict on constraint entities_pipeline_name_key do update
  set
    target = excluded.target,
    transform = excluded.transform,
    secret_fields = excluded.secret_fields,
    sums = excluded.sums,
    self_contained = excluded.self_contained;

  perform landfall.entity_order(define_entity.pipeline);
end
$$;

comment on function landfall.define_entity is
$$Defines an entity: the target table and the view that says what a legacy row becomes.

The view is transform.<pipeline>_<name> unless named. sums are columns whose totals a verification
shows on both sides. self_contained says that each of its rows follows from its source_key and
source_row alone: a later run then computes only those whose legacy row has changed. Everything else
(columns, order, checks) is read from the catalog. Raises LF103 when view and target do not fit,
LF105 when the targets' foreign keys form a cycle.$$;

select landfall.close_doors();
