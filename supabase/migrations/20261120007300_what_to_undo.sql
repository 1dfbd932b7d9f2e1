/*
 * Chapter 73: what to undo. Which rows a roll-back takes, all of a run or those of some tables and
 * tenants, and which table comes next.
 *
 * Reads  landfall.runs, run_entities, entities, batches, lineage, changes, pg_catalog
 * Writes landfall.rollbacks, leftovers
 * Holds  what is another tenant's by now stays with it
 */

create function landfall.plan_rollback(run_id bigint, options jsonb)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_tables constant jsonb  := nullif(plan_rollback.options -> 'tables', 'null');
  v_scopes constant text[] := landfall.scopes_of(plan_rollback.options);
begin
  insert into landfall.rollbacks as known (run_id, entity_id, scopes, expected)
  select
    run_entities.run_id, run_entities.entity_id,
    landfall.unless_all(plan_rollback.run_id, v_scopes),
    case
      when v_scopes is null
        then run_entities.pruned + coalesce(sum(batches.inserted + batches.updated), 0)
      else (
        select count(*)
        from landfall.lineage
        where lineage.entity_id = run_entities.entity_id
          and lineage.run_id = plan_rollback.run_id
          and lineage.scope_key = any (v_scopes)
      )
    end
  from landfall.run_entities
  join landfall.entities on entities.id = run_entities.entity_id
  left join landfall.batches using (run_id, entity_id)
  where run_entities.run_id = plan_rollback.run_id
    and (v_tables is null or v_tables ? entities.name)
  group by run_entities.run_id, run_entities.entity_id
  on conflict on constraint rollbacks_pkey do update
  set
    scopes = case
      when known.scopes is not null and excluded.scopes is not null
        then landfall.unless_all(plan_rollback.run_id, known.scopes || excluded.scopes)
    end,
    expected = excluded.expected,
    phase = 'put back', pass = 0, shape = null, undone_to = null, held = 0, seen = 0,
    started_at = null, finished_at = null;

  delete from landfall.leftovers
  using landfall.rollbacks
  where rollbacks.run_id = plan_rollback.run_id
    and rollbacks.phase = 'put back'
    and leftovers.run_id = rollbacks.run_id
    and leftovers.entity_id = rollbacks.entity_id
    and leftovers.occasion = 'rollback'
    and (v_scopes is null or leftovers.scope_key = any (v_scopes));
end
$$;

comment on function landfall.plan_rollback is
$$Notes which entities of a run are to be taken back, of which tenants, and how many rows that may
be; what earlier roll-backs left of these is looked at anew.$$;


create function landfall.next_to_undo(run_id bigint)
  returns landfall.rollbacks
  language sql
  volatile
  security invoker
  set search_path = ''
as $$
  with unfinished as (
    select
      rollbacks.entity_id, rollbacks.phase, run_entities.place, run_entities.parents,
      entities.target
    from landfall.rollbacks
    join landfall.run_entities using (run_id, entity_id)
    join landfall.entities on entities.id = rollbacks.entity_id
    where rollbacks.run_id = next_to_undo.run_id
      and rollbacks.phase <> 'done'
  ),

  ties as materialized (
    select unfinished.entity_id as child_id, unnest(unfinished.parents) as parent_id
    from unfinished

    union
    -- foreign keys that no transform fills as well
    select children.entity_id, parents.entity_id
    from pg_catalog.pg_constraint as keys
    join unfinished as children on children.target = keys.conrelid::regclass::text
    join unfinished as parents on parents.target = keys.confrelid::regclass::text
    where keys.contype = 'f'
  )

  select rollbacks.*
  from landfall.rollbacks
  join unfinished as mine using (entity_id)
  where rollbacks.run_id = next_to_undo.run_id
    -- asked again of a row that somebody has just let go
    and rollbacks.phase = mine.phase
    and not exists (
      select
      from unfinished as earlier
      where case
        -- what was pruned is put back first, parents before children
        when earlier.phase = 'put back' then mine.phase = 'undo' or earlier.place < mine.place
        else mine.phase = 'undo' and earlier.place > mine.place and exists (
          select
          from ties
          where ties.parent_id = mine.entity_id
            and ties.child_id = earlier.entity_id
        )
      end
    )
  order by mine.place desc
  limit 1
  for update of rollbacks skip locked
$$;

comment on function landfall.next_to_undo is
$$Claims an entity of a run that can be taken back now, and says how far it is; null when there is
none to claim. An entity is undone when the tables that refer to it are.$$;


create function landfall.has_to_undo(run_id bigint)
  returns boolean
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  return exists (
    select
    from landfall.rollbacks
    where rollbacks.run_id = has_to_undo.run_id
      and rollbacks.phase <> 'done'
  );
end
$$;

comment on function landfall.has_to_undo is
$$Whether any entity of a run is still to be undone, whoever has claimed it.$$;


create function landfall.keys_to_undo(
  run_id bigint,
  entity_id int,
  phase text,
  pass int,
  after text,
  scopes text[],
  most int default null
)
  returns text[]
  language plpgsql
  stable
  security invoker
  set search_path = ''
  -- in the order of the indexes, whatever the planner believes of lineage
  set enable_sort = 'off'
  set enable_bitmapscan = 'off'
as $$
declare
  c_batch constant int := coalesce(keys_to_undo.most, landfall.undo_reach(keys_to_undo.pass));
begin
  if keys_to_undo.pass > 0 then
    return array(
      select leftovers.source_key
      from landfall.leftovers
      where leftovers.run_id = keys_to_undo.run_id
        and leftovers.entity_id = keys_to_undo.entity_id
        and leftovers.occasion = 'rollback'
        and leftovers.held
        and (keys_to_undo.scopes is null or leftovers.scope_key = any (keys_to_undo.scopes))
        and leftovers.source_key >= coalesce(keys_to_undo.after, '')
        and leftovers.source_key is distinct from keys_to_undo.after
      order by leftovers.source_key
      limit c_batch
    );
  end if;

  return array(
    (
      select lineage.source_key
      from landfall.lineage
      where keys_to_undo.phase = 'undo'
        and lineage.entity_id = keys_to_undo.entity_id
        and lineage.run_id = keys_to_undo.run_id
        and (keys_to_undo.scopes is null or lineage.scope_key = any (keys_to_undo.scopes))
        and lineage.source_key >= coalesce(keys_to_undo.after, '')
        and lineage.source_key is distinct from keys_to_undo.after
      order by lineage.source_key
      limit c_batch
    )
    union
    (
      select changes.source_key
      from landfall.changes
      where changes.run_id = keys_to_undo.run_id
        and changes.entity_id = keys_to_undo.entity_id
        and changes.removed = (keys_to_undo.phase = 'put back')
        and (keys_to_undo.scopes is null or changes.scope_key = any (keys_to_undo.scopes))
        and changes.source_key >= coalesce(keys_to_undo.after, '')
        and changes.source_key is distinct from keys_to_undo.after
      order by changes.source_key
      limit c_batch
    )
    union
    (
      -- what later runs have made of this run's rows
      select changes.source_key
      from landfall.changes
      where keys_to_undo.phase = 'undo'
        and changes.entity_id = keys_to_undo.entity_id
        and changes.before_run_id = keys_to_undo.run_id
        and (
          keys_to_undo.scopes is null
          or changes.before_scope_key = any (keys_to_undo.scopes) and exists (
            -- what is another tenant's by now stays with it
            select
            from landfall.lineage
            where lineage.entity_id = changes.entity_id
              and lineage.source_key = changes.source_key
              and lineage.scope_key = any (keys_to_undo.scopes)
          )
        )
        and not changes.removed
        -- what a run has deleted, and another may have migrated again, is no longer this run's
        and not exists (
          select
          from landfall.changes as later
          where later.entity_id = changes.entity_id
            and later.source_key = changes.source_key
            and later.removed
            and later.run_id > keys_to_undo.run_id
        )
        and changes.source_key >= coalesce(keys_to_undo.after, '')
        and changes.source_key is distinct from keys_to_undo.after
      order by changes.source_key
      limit c_batch
    )
    order by 1
    limit c_batch
  );
end
$$;

comment on function landfall.keys_to_undo is
$$Finds the next source keys of an entity that a run has written, or in a later pass those that
were held. scopes: only these tenants'; most: how many, as many as a pass reaches unless said.$$;

select landfall.close_doors();
