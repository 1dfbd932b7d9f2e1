/*
 * Chapter 30: opening. An entity whose parents are done is opened: its shape is derived, its rules
 * are added, and those that look at the whole set are asked.
 *
 * Reads  landfall.entities, rules, the transforms
 * Writes landfall.run_entities, flagged
 * Holds  a dry run draws no number from a real sequence
 */

create function landfall.rehearse_sequence(sequence regclass)
  returns text
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_name  text := 'lf_' || rehearse_sequence.sequence::oid;
  v_next  bigint;
begin
  if to_regclass('pg_temp.' || v_name) is null then
    select coalesce(
      pg_sequence_last_value(sequences.seqrelid) + sequences.seqincrement, sequences.seqstart
    )
    into v_next
    from pg_catalog.pg_sequence as sequences
    where sequences.seqrelid = rehearse_sequence.sequence;

    execute format('create temporary sequence %I start with %s', v_name, v_next);
  end if;

  return format('nextval(%L::regclass)', 'pg_temp.' || v_name);
end
$$;

comment on function landfall.rehearse_sequence is
$$Makes a temporary sequence that goes on where a real one is, and writes how to draw from it.

A real sequence keeps what was drawn from it even when the transaction is undone.$$;


create function landfall.rehearse_ids(shape jsonb)
  returns jsonb
  language sql
  volatile
  security invoker
  set search_path = ''
as $$
  select rehearse_ids.shape || jsonb_object_agg(
    lists.name,
    (
      select coalesce(
        jsonb_agg(
          items.item || case
            when items.item ->> 'sequence' is null then '{}'
            else jsonb_build_object('expression',
              landfall.rehearse_sequence((items.item ->> 'sequence')::regclass))
          end
          order by items.nth
        ),
        '[]'
      )
      from jsonb_array_elements(rehearse_ids.shape -> lists.name)
        with ordinality as items (item, nth)
    )
  )
  from unnest(array['key', 'columns', 'drawn']) as lists (name)
$$;

comment on function landfall.rehearse_ids is
$$Lets a dry run draw all its numbers from temporary sequences.$$;


create function landfall.open_entity(run_id bigint, entity_id int)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_run     landfall.runs;
  v_entity  landfall.entities;
  v_mine    landfall.run_entities;
  v_shape   jsonb;
  v_rules   jsonb;
  v_known   boolean;
  v_rule    jsonb;
  v_made    jsonb;
begin
  select runs.* into v_run from landfall.runs where runs.id = open_entity.run_id;
  select entities.* into v_entity from landfall.entities where entities.id = open_entity.entity_id;

  select run_entities.*
  into v_mine
  from landfall.run_entities
  where run_entities.run_id = open_entity.run_id
    and run_entities.entity_id = open_entity.entity_id;

  perform landfall.check_sight(v_entity);

  v_known :=
    exists (select from landfall.lineage where lineage.entity_id = v_entity.id)
    or exists (select from landfall.deferred where deferred.entity_id = v_entity.id)
    or exists (
      select from landfall.rejects
      where rejects.entity_id = v_entity.id and rejects.settled_by is null
    );

  v_rules := landfall.active_rules(v_entity.id, v_run.options);
  v_made := landfall.document_shape(v_entity.id);
  v_shape := landfall.entity_shape(
    case when v_made is null then to_regclass(v_entity.target) end,
    to_regclass(v_entity.transform)
  ) || case when v_made is null then '{}' else '{"key": []}' end::jsonb;
  v_shape := v_shape || jsonb_build_object(
    'documents', v_made,
    'known', v_known,
    'byKey', v_mine.by_key,
    'scoped', (
      select pipelines.scopes is not null
      from landfall.pipelines
      where pipelines.name = v_entity.pipeline
    ),
    'scopes', v_run.options -> 'sourceCompany',
    'onExisting', coalesce(v_run.options ->> 'onExisting', 'reject'),
    'secretFields', v_entity.secret_fields,
    'mark', case when v_entity.self_contained then landfall.transform_mark(v_shape) end,
    'sums', v_entity.sums,
    'rules', v_rules,
    -- what a rule remarks about the whole set is not asked by a run that takes some of it
    'remarks', case
      when v_mine.by_key or v_run.options ? 'sourceCompany' then '[]'
      else jsonb_path_query_array(
        v_rules, '$[*] ? (@.action == "finding" && @.query != null)'
      )
    end,
    'defers', (v_shape ->> 'waits')::boolean
      or v_rules @? '$[*] ? (@.action == "defer" && @.condition != null)',
    'checks', (
      select coalesce(jsonb_agg(checks.item order by checks.rank, checks.nth), '[]')
      from (
        select
          case when item ->> 'kind' = 'foreign key' then 4 else 1 end as rank, nth,
          item || case
            when item ->> 'keyColumn' is not null
              then jsonb_build_object('rejectedParent', (
                select entities.id
                from landfall.entities
                where entities.pipeline = v_entity.pipeline
                  and entities.target = item ->> 'parent'
              ))
            else '{}'
          end as item
        from jsonb_array_elements(v_shape -> 'checks') with ordinality as derived (item, nth)

        union all
        select
          case when rule.item ->> 'query' is null then 2 else 3 end, rule.nth,
          jsonb_build_object(
            'kind', 'rule',
            'reason', rule.item ->> 'reason',
            'sql', case
              when rule.item ->> 'query' is null then format('row_.%I', rule.item ->> 'column')
              else format(
                'not exists (select from landfall.flagged where flagged.run_id = $1'
                ' and flagged.entity_id = $2 and flagged.source_key = row_.lf_key'
                ' and flagged.rule = %L)',
                rule.item ->> 'name'
              )
            end
          )
        from jsonb_array_elements(v_rules) with ordinality as rule (item, nth)
        where rule.item ->> 'action' = 'reject'

        union all
        select
          5, 1,
          jsonb_build_object(
            'kind', 'key',
            'reason', 'its primary key is no longer the one it was written with',
            'sql', format(
              'row_.lf_known_key is null or row_.lf_known_key = %s',
              landfall.key_text(v_shape, 'row_')
            )
          )
        where v_known
      ) as checks
    )
  );

  if v_run.id < 0 then
    v_shape := landfall.rehearse_ids(v_shape || jsonb_build_object(
      'drawn', jsonb_path_query_array(v_shape -> 'computed', '$[*] ? (@.sequence != null)')
    ));
  end if;

  for v_rule in
    select item
    from jsonb_array_elements(v_rules) as item
    where item ->> 'query' is not null
      and item ->> 'action' = 'reject'
  loop
    execute format(
      $sql$
        insert into landfall.flagged (run_id, entity_id, source_key, rule)
        select distinct $1, $2, source_key, $3
        from (%s) as failing
        where source_key is not null
      $sql$,
      v_rule ->> 'query'   -- the author's query, parsed when it was defined
    )
    using open_entity.run_id, open_entity.entity_id, v_rule ->> 'name';
  end loop;

  update landfall.run_entities
  set
    state = 'planning',
    shape = v_shape,
    known = v_known,
    started_at = clock_timestamp()
  where run_entities.run_id = open_entity.run_id
    and run_entities.entity_id = open_entity.entity_id;
end
$$;

comment on function landfall.open_entity is
$$Opens an entity whose parents are done: derives its shape and asks which rows break
the rules with a query.$$;

select landfall.close_doors();
