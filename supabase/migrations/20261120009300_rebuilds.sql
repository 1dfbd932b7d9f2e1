/*
 * Chapter 93: rebuilds. Before an empty table is filled, its plain indexes are dropped, and the
 * foreign keys that the engine checks row by row anyway; when it is full, the next chapter builds
 * them again.
 *
 * Reads  landfall.run_entities, pg_catalog
 * Writes landfall.rebuilds, the targets' indexes and foreign keys
 * Holds  an index or a key is either there, or in landfall.rebuilds as it was; of a run that is not
 *        running, only what could not be built again
 */

create table landfall.rebuilds (
  run_id      bigint not null,
  entity_id   int    not null,
  nth         int    not null,
  kind        text   not null,
  target      text   not null,
  name        text   not null,
  definition  text   not null,
  comment     text,

  primary key (run_id, entity_id, nth),
  -- a run that has something to build again cannot be forgotten
  foreign key (run_id, entity_id) references landfall.run_entities (run_id, entity_id),

  constraint rebuilds_kind_is_known check (kind in ('index', 'foreign key'))
);

comment on table landfall.rebuilds is
$$What a run has dropped and will build again: in one transaction it is dropped and written here, in
one it is built and deleted here. Of a run that is over, what could not be built. Only its owner's
functions write it.$$;
comment on column landfall.rebuilds.definition is
$$The whole statement for an index; for a foreign key, what follows its name.$$;

-- it is executed as the owner: service_role may look, and not write
alter table landfall.rebuilds enable row level security;
revoke all on landfall.rebuilds from public, anon, authenticated;
grant select on landfall.rebuilds to service_role;


create function landfall.rebuildable(target regclass, shape jsonb, pipeline text)
  returns table (kind text, name text, definition text, comment text, statement text)
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select
    'index',
    relations.relname::text,
    pg_catalog.pg_get_indexdef(indexes.indexrelid),
    pg_catalog.obj_description(indexes.indexrelid, 'pg_class'),
    format('drop index %s', indexes.indexrelid::regclass)
  from pg_catalog.pg_index as indexes
  join pg_catalog.pg_class as relations on relations.oid = indexes.indexrelid
  where indexes.indrelid = rebuildable.target
    -- a unique one says which rows there may be
    and not indexes.indisunique
    and not indexes.indisexclusion
    and indexes.indisvalid
    and not indexes.indisclustered
    and not indexes.indisreplident
    -- an expression may mean something else to whoever builds it
    and indexes.indexprs is null
    and indexes.indpred is null
    and relations.reltablespace = 0
    -- a value too long for an index is one row's fault, which must be known when that is written
    and not exists (
      select
      from unnest(indexes.indkey, indexes.indclass::oid[]) as parts (number, class)
      join pg_catalog.pg_attribute as columns
        on columns.attrelid = indexes.indrelid
        and columns.attnum = parts.number
      left join pg_catalog.pg_opclass as classes on classes.oid = parts.class
      where columns.attlen < 0
        and coalesce(classes.opcname, '') not in
          ('gin_trgm_ops', 'gist_trgm_ops', 'tsvector_ops', 'jsonb_ops', 'jsonb_path_ops')
    )
    and not exists (
      select
      from pg_catalog.pg_depend as others
      where others.refclassid = 'pg_catalog.pg_class'::regclass
        and others.refobjid = indexes.indexrelid
    )
    and not exists (
      select
      from pg_catalog.pg_depend as others
      where others.classid = 'pg_catalog.pg_class'::regclass
        and others.objid = indexes.indexrelid
        -- a part of an extension, or of an index over partitions
        and others.deptype in ('e', 'P', 'S')
    )

  union all
  select
    'foreign key',
    keys.conname::text,
    pg_catalog.pg_get_constraintdef(keys.oid),
    pg_catalog.obj_description(keys.oid, 'pg_constraint'),
    format('alter table %s drop constraint %I', rebuildable.target, keys.conname)
  from pg_catalog.pg_constraint as keys
  join pg_catalog.pg_class as parents on parents.oid = keys.confrelid
  where keys.conrelid = rebuildable.target
    and keys.contype = 'f'
    and keys.convalidated
    and not keys.condeferrable
    and keys.conparentid = 0
    and keys.confmatchtype = 's'
    -- rows of one table may refer to each other as they come
    and keys.confrelid <> keys.conrelid
    and parents.relkind = 'r'
    and pg_catalog.pg_has_role(parents.relowner, 'usage')
    -- the engine looks at it itself, and no trigger changes the row after that
    and exists (
      select
      from jsonb_array_elements(rebuildable.shape -> 'checks') as checks (item)
      where checks.item ->> 'kind' = 'foreign key'
        and checks.item ->> 'parent' = keys.confrelid::regclass::text
        and checks.item -> 'columns' = (
          select jsonb_agg(columns.attname order by pairs.nth)
          from unnest(keys.conkey) with ordinality as pairs (number, nth)
          join pg_catalog.pg_attribute as columns
            on columns.attrelid = keys.conrelid
            and columns.attnum = pairs.number
        )
    )
    and not exists (
      select
      from pg_catalog.pg_trigger as triggers
      where triggers.tgrelid = rebuildable.target
        and not triggers.tgisinternal
    )
    -- switched on as it was made
    and not exists (
      select
      from pg_catalog.pg_trigger as triggers
      where triggers.tgconstraint = keys.oid
        and triggers.tgenabled <> 'O'
    )
    -- and the run itself fills the parent
    and exists (
      select
      from landfall.entities
      where entities.target = keys.confrelid::regclass::text
        and entities.pipeline = rebuildable.pipeline
    )
$$;

comment on function landfall.rebuildable is
$$Lists the indexes and foreign keys of a target that can be dropped and built again without a
trace, each with the statement that drops it.$$;


create function landfall.drop_indexes(run_id bigint, entity_id int)
  returns void
  language plpgsql
  volatile
  -- definer: only the owner of a table may drop what is on it
  security definer
  set search_path = ''
  -- whoever reads the table, or a parent, is not kept waiting
  set lock_timeout = '2s'
as $$
declare
  -- what few rows cost an index is not worth a lock; of very many, whoever pauses would wait long
  c_least  constant bigint := 10000;
  c_most   constant bigint := 5000000;
  v_entity landfall.entities;
  v_mine   landfall.run_entities;
  v_target regclass;
  v_filled boolean;
  v_item   record;
begin
  select entities.* into v_entity
  from landfall.entities
  where entities.id = drop_indexes.entity_id;

  select run_entities.* into v_mine
  from landfall.run_entities
  where run_entities.run_id = drop_indexes.run_id
    and run_entities.entity_id = drop_indexes.entity_id;

  v_target := to_regclass(v_entity.target);

  if v_mine.state <> 'planning' or v_mine.known or v_mine.by_key
    or v_mine.shape -> 'documents' <> 'null'
    or v_mine.expected_rows not between c_least and c_most
    or not exists (
      select
      from landfall.runs
      where runs.id = v_mine.run_id
        and runs.id > 0
        and runs.state = 'running'
        and not runs.options @> '{"keepIndexes": true}'
    )
    or not exists (
      select
      from pg_catalog.pg_class as relations
      where relations.oid = v_target
        and relations.relkind = 'r'
        and not relations.relispartition
        and pg_catalog.pg_has_role(relations.relowner, 'usage')
    )
  then
    return;
  end if;

  begin
    execute format('select exists (select from %s)', v_target) into v_filled;

    if not v_filled then
      execute format('lock table %s in access exclusive mode', v_target);
      -- somebody may have written it before the lock
      execute format('select exists (select from %s)', v_target) into v_filled;
    end if;

    if v_filled then
      return;
    end if;

    for v_item in
      select
        row_number() over (order by found.kind desc, found.name) as nth,
        found.*
      from landfall.rebuildable(v_target, v_mine.shape, v_entity.pipeline) as found
    loop
      insert into landfall.rebuilds
        (run_id, entity_id, nth, kind, target, name, definition, comment)
      values (
        drop_indexes.run_id, drop_indexes.entity_id, v_item.nth, v_item.kind, v_target::text,
        v_item.name, v_item.definition, v_item.comment
      );

      execute v_item.statement;
    end loop;
  exception when lock_not_available then
    -- in use: the run fills the table with everything in place
    null;
  end;
end
$$;

comment on function landfall.drop_indexes is
$$Drops what a run can do without while it fills an empty table, and keeps its definition in
landfall.rebuilds; does nothing in a rehearsal, and where the table has rows, will have few, or is
in use.$$;

select landfall.close_doors();
