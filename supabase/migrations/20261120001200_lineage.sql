/*
 * Chapter 12: lineage. Which source row became which target row, and what stood there before.
 *
 * Reads  nothing
 * Writes landfall.lineage, landfall.changes
 * Holds  a source row has one target row and a target row one source row, in each entity
 */

create table landfall.lineage (
  -- no foreign key: it costs 4 % of a run, and an entity's id is never given again
  entity_id    int     not null,
  run_id       bigint  not null,
  given_hash   bigint  not null,
  stored_hash  bigint,
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
$$With the two hashes, the lineage before the change; null for a row that was not ours.$$;
comment on column landfall.changes.scope_key is
$$The tenant of the row in this run; the one before may be another.$$;
comment on column landfall.changes.removed is
$$The run deleted the row, because its source key had vanished.$$;

select landfall.close_doors();
