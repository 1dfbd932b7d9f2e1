/*
 * Chapter 33: closing. An entity without batches left is closed: statistics are refreshed for its
 * children, and sequences stand past the highest value. What rules remark on the whole set is
 * counted when there is nothing else to do. A run without entities left ends.
 *
 * Reads  landfall.run_entities, vanished
 * Writes landfall.run_entities, runs, findings, the targets' sequences
 * Holds  a dry run moves no sequence
 */

create function landfall.analyze_target(entity_id int)
  returns void
  language plpgsql
  volatile
  -- definer: only the owner of a table may analyze it, and children are planned by what it finds
  security definer
  set search_path = ''
as $$
declare
  v_target text := (
    select entities.target from landfall.entities where entities.id = analyze_target.entity_id
  );
begin
  execute format(
    'analyze %s (%s)',
    v_target,   -- a table, quoted by Postgres
    (
      select string_agg(format('%I', columns.attname), ', ')
      from pg_catalog.pg_index as indexes
      join pg_catalog.pg_attribute as columns
        on columns.attrelid = indexes.indrelid
        and columns.attnum = any (indexes.indkey)
      where indexes.indrelid = v_target::regclass
        and indexes.indisprimary
    )
  );
end
$$;

comment on function landfall.analyze_target is
$$Tells the planner how large an entity's target has become, and of its primary key.

The other columns are left to autovacuum: wide rows take it ten times as long.$$;


create function landfall.remark(run_id bigint, entity_id int, rules jsonb)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_rule jsonb;
begin
  for v_rule in
    select item from jsonb_array_elements(remark.rules) as item
  loop
    execute format(
      $sql$
        insert into landfall.findings (run_id, entity_id, name, count, sample)
        select
          $1, $2, $3, count(*),
          coalesce(
            (
              array_agg(source_key order by source_key) filter (where source_key is not null)
            )[1:5],
            '{}'
          )
        from (%s) as failing
      $sql$,
      v_rule ->> 'query'   -- the author's query, parsed when it was defined
    )
    using remark.run_id, remark.entity_id, v_rule ->> 'name';
  end loop;
end
$$;

comment on function landfall.remark is
$$Asks the rules that remark on the whole set: they see what the run has written.$$;


create function landfall.remark_step(run_id bigint)
  returns boolean
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_entity landfall.run_entities;
begin
  select run_entities.*
  into v_entity
  from landfall.run_entities
  where run_entities.run_id = remark_step.run_id
    and run_entities.state = 'done'
    and not run_entities.remarked
  order by run_entities.place
  limit 1
  for no key update skip locked;

  if v_entity.entity_id is null then
    return false;
  end if;

  perform landfall.remark(v_entity.run_id, v_entity.entity_id, v_entity.shape -> 'remarks');

  update landfall.run_entities
  set remarked = true
  where run_entities.run_id = v_entity.run_id
    and run_entities.entity_id = v_entity.entity_id;

  return true;
end
$$;

comment on function landfall.remark_step is
$$Asks the rules that remark on an entity that is done; false when there is none, or others ask.

Its children need not wait for that: it is the last that a worker without other work does. Of a run
that stops before, some remarks are missing; when it is resumed, they are made.$$;


create function landfall.close_entity(run_id bigint, entity_id int)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_column  jsonb;
  v_shape   jsonb;
begin
  update landfall.run_entities
  set
    state = 'done',
    remarked = coalesce(shape -> 'remarks', '[]') = '[]',
    finished_at = clock_timestamp()
  where run_entities.run_id = close_entity.run_id
    and run_entities.entity_id = close_entity.entity_id
  returning shape into v_shape;

  if v_shape -> 'documents' = 'null' then
    perform landfall.analyze_target(close_entity.entity_id);
  end if;

  -- a sequence keeps what it is given even when the transaction is undone: not in a rehearsal
  if close_entity.run_id > 0 then
    for v_column in
      select item
      from jsonb_array_elements(landfall.written_columns(v_shape)) as item
      where item ->> 'sequence' is not null
    loop
      execute format(
        $sql$
          select setval(%1$L, highest.value)
          from (select max(%2$I) as value from %3$s) as highest
          join pg_catalog.pg_sequence on seqrelid = %1$L::regclass
          where highest.value >= coalesce(pg_sequence_last_value(%1$L) + 1, seqstart)
        $sql$,
        v_column ->> 'sequence',
        v_column ->> 'name',
        v_shape ->> 'target'   -- a table, quoted by Postgres
      );
    end loop;
  end if;
end
$$;

comment on function landfall.close_entity is
$$Closes an entity without batches left: statistics refreshed, sequences past the highest value.$$;


create function landfall.last_step(run_id bigint)
  returns int
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_entity int;
begin
  if (
    select runs.options @? '$ ? (@.prune == true || @.unlinked == true)'
    from landfall.runs
    where runs.id = last_step.run_id
  ) then
    perform landfall.spare_stopped(last_step.run_id);

    -- children before parents: one entity at a time
    select run_entities.entity_id
    into v_entity
    from landfall.run_entities
    where run_entities.run_id = last_step.run_id
      and exists (
        select
        from landfall.vanished
        where vanished.run_id = run_entities.run_id
          and vanished.entity_id = run_entities.entity_id
      )
    order by run_entities.place desc
    limit 1;
  end if;

  -- documents are pruned by a worker who can delete them: landfall.take_documents
  if exists (select from landfall.collections where collections.entity_id = v_entity) then
    return null;
  end if;

  if v_entity is null then
    perform landfall.note_migrated();
    perform landfall.move_run(last_step.run_id, 'completed');
    return null;
  end if;

  perform
  from landfall.run_entities
  where run_entities.run_id = last_step.run_id
    and run_entities.entity_id = v_entity
  for no key update skip locked;

  return case when found then landfall.prune_entity(last_step.run_id, v_entity) end;
end
$$;

comment on function landfall.last_step is
$$Ends a run whose entities are done; a run that prunes deletes first what has vanished.$$;

select landfall.close_doors();
