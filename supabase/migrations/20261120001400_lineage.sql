/*
 * Chapter 14: lineage. Which source row became which target row, and what stood there before.
 *
 * Reads  shapes, landfall.batches
 * Writes landfall.lineage, landfall.changes
 * Holds  a source row has one target row and a target row one source row, in each entity
 */

create table landfall.lineage (
  -- no foreign key: it costs 4 % of a run, and an entity's id is never given again
  entity_id    int     not null,
  run_id       bigint  not null,
  given_hash   bigint  not null,
  stored_hash  bigint,
  legacy_hash  bigint,
  adopted      boolean not null default false,
  kept         boolean not null default false,
  source_key   text    not null,
  target_key   text    not null,
  scope_key    text,

  primary key (entity_id, source_key)
);

-- undo must know whose row it is, and two rows of a batch may not become one; the key comes first,
-- so that no statistics, however old, lead a look for a source key here
create unique index lineage_target_key on landfall.lineage (target_key, entity_id);

comment on table landfall.lineage is
$$The target row of every migrated source row, and a hash to tell whether either has changed.$$;
comment on column landfall.lineage.run_id is
$$The run that wrote the row last.$$;
comment on column landfall.lineage.given_hash is
$$Hash of the columns as the transform gave them: equal means that nothing is to be written.$$;
comment on column landfall.lineage.stored_hash is
$$Hash of the whole row as it was stored; null when that is what was given, column for column.$$;
comment on column landfall.lineage.legacy_hash is
$$Hash of the legacy row, seeded by what it was transformed with: equal means that the transform
gives what it gave. Null where its entity is not self-contained.$$;
comment on column landfall.lineage.adopted is
$$The target row was there before and is not ours: undo must not delete it.$$;
comment on column landfall.lineage.kept is
$$The target row was left as it was: it need not be what the transform gives.$$;
comment on column landfall.lineage.target_key is
$$The primary key as text; a key of several columns as a JSON array of texts.$$;
comment on column landfall.lineage.scope_key is
$$The tenant whose row it was when it was written; null where the pipeline has none.$$;


create table landfall.changes (
  run_id              bigint  not null references landfall.runs (id) on delete cascade,
  entity_id           int     not null references landfall.entities (id) on delete cascade,
  source_key          text    not null,
  target_key          text    not null,
  before_image        jsonb   not null,
  before_run_id       bigint,
  before_given_hash   bigint,
  before_stored_hash  bigint,
  before_legacy_hash  bigint,
  before_kept         boolean not null default false,
  before_scope_key    text,
  scope_key           text,
  removed             boolean not null default false,

  primary key (run_id, entity_id, source_key)
);

create index on landfall.changes (entity_id, source_key);

comment on table landfall.changes is
$$Target rows that a run changed or deleted, as they were before.$$;
comment on column landfall.changes.before_image is
$$Every stored column as text, by name: exact for every type, whatever its JSON form.$$;
comment on column landfall.changes.before_run_id is
$$With the hashes, the lineage before the change; null for a row that was not ours.$$;
comment on column landfall.changes.scope_key is
$$The tenant of the row in this run; the one before may be another.$$;
comment on column landfall.changes.removed is
$$The run deleted the row, because its source key had vanished.$$;


create function landfall.key_sql(shape jsonb, alias text)
  returns text
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return key_sql.alias || '.source_key' || coalesce(
    (
      select ' collate ' || columns.attcollation::regcollation::text
      from pg_catalog.pg_attribute as columns
      where columns.attrelid = (key_sql.shape ->> 'transform')::regclass
        and columns.attname = 'source_key'
        and columns.attcollation <> 'pg_catalog."default"'::regcollation
    ),
    ''
  );
end
$$;

comment on function landfall.key_sql is
$$Writes a source key that the engine keeps, as it is compared with the bounds of a range: in the
order in which the transform's own keys are cut into ranges.$$;


create function landfall.matched_sql(shape jsonb, predicate text)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return format(
    case
      when matched_sql.shape ? 'matched' then
        '(select * from %1$s as row_ where %2$s) as row_
      -- no nested loop does a full join, whatever the planner believes of lineage
      full join (
        select source_key as lf_known_source, %3$s
        from landfall.lineage
        where lineage.entity_id = $2 and %4$s
      ) as known on known.lf_known_source = row_.source_key collate "default"'
      when (matched_sql.shape ->> 'known')::boolean then
        '(select * from %1$s) as row_
      left join lateral (
        select %3$s
        from landfall.lineage
        where lineage.entity_id = $2
          and lineage.source_key = row_.source_key collate "default"
        -- one look into the index a row, whatever the planner believes of lineage
        offset 0
      ) as known on true
      where %2$s'
      else
        '(select * from %1$s) as row_
      cross join (
        select null::bigint as lf_known_hash, null::bigint as lf_known_stored,
        null::text as lf_known_key, null::bigint as lf_known_run, false as lf_known_kept,
        null::text as lf_known_scope, null::bigint as lf_known_legacy
      ) as known
      where %2$s'
    end,
    matched_sql.shape ->> 'transform',
    matched_sql.predicate,
    'given_hash as lf_known_hash, stored_hash as lf_known_stored, target_key as lf_known_key,
        run_id as lf_known_run, kept as lf_known_kept, scope_key as lf_known_scope,
        legacy_hash as lf_known_legacy',
    matched_sql.shape ->> 'matched'
  );
end
$$;

comment on function landfall.matched_sql is
$$Writes the transform's rows, named row_, with what lineage knows of each, named known.

Of the part of lineage that the shape calls matched, rows without a source row come too: such a part
is read at once, which costs a third of a look into the index a row.$$;


create function landfall.has_met_all(run_id bigint, entity_id int)
  returns boolean
  language plpgsql
  stable
  security invoker
  set search_path = ''
  -- the tables grow while a session asks
  set plan_cache_mode = 'force_custom_plan'
as $$
begin
  return (
    select count(*) from landfall.lineage where lineage.entity_id = has_met_all.entity_id
  ) = (
    select coalesce(sum(batches.inserted + batches.updated + batches.unchanged), 0)
    from landfall.batches
    where batches.run_id = has_met_all.run_id
      and batches.entity_id = has_met_all.entity_id
  );
end
$$;

comment on function landfall.has_met_all is
$$Whether a run has met the source row of every row in an entity's lineage: it has left, or written,
as many as there are.$$;


create function landfall.range_shape(entity_id int, shape jsonb, from_key text, to_key text)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  if not (range_shape.shape ->> 'known')::boolean
    -- the index of lineage is in another order than the range
    or landfall.key_sql(range_shape.shape, 'lineage') <> 'lineage.source_key'
  then
    return range_shape.shape;
  end if;

  return range_shape.shape || case
    -- of some tenants, or some keys, lineage has far fewer rows than the range
    when (shape ->> 'byKey')::boolean or shape -> 'scopes' <> 'null' or shape ? 'inOrder' then '{}'
    else '{"matched": "lineage.source_key between $3 and $4"}'
  end::jsonb || case
    when landfall.has_open(entity_id, from_key, to_key) then '{}'
    else '{"nothingOpen": true}'
  end::jsonb;
end
$$;

comment on function landfall.range_shape is
$$Adds to a shape what is known of a range: how its lineage is best read, and that nothing in it is
open.$$;

select landfall.close_doors();
