/*
 * Chapter 67: files. Where the values of a SQLite file go, so that an import knows its way and the
 * target can be compared with the file itself.
 *
 * Reads  landfall.entities
 * Writes landfall.file_tables
 * Holds  a table of a file has one staging table, and an entity one table of a file
 */

create table landfall.file_tables (
  entity_id   int     not null primary key references landfall.entities (id) on delete cascade,
  file_table  text    not null,
  staging     text    not null unique,
  key         text[]  not null,
  columns     jsonb   not null,

  constraint file_tables_columns_are_listed check (jsonb_typeof(columns) = 'array')
);

comment on table landfall.file_tables is
$$Tables of SQLite files, each with the entity it becomes and what happens to its columns.$$;
comment on column landfall.file_tables.staging is
$$The staging table, schema-qualified and quoted.$$;
comment on column landfall.file_tables.key is
$$The file's columns that name a row; none where its rowid does.$$;
comment on column landfall.file_tables.columns is
$$[{file, staging, target, reading, secret, skipped}]: a column of the file (null is the rowid), the
staging column it is imported into (of the same name, unless said), and, where the target has its
value as it is read, the target's column and how it is read; whether it may be shown; or why nothing
is taken from it.$$;


create table landfall.skipped_file_tables (
  pipeline    text  not null references landfall.pipelines (name) on delete cascade,
  file_table  text  not null,
  reason      text  not null,

  primary key (pipeline, file_table)
);

comment on table landfall.skipped_file_tables is
$$Tables of SQLite files that a pipeline leaves where they are, and why.$$;


create function landfall.define_file_table(
  pipeline text,
  entity text,
  file_table text,
  staging text,
  key text[],
  columns jsonb
)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_entity  landfall.entities;
  v_staging regclass := landfall.find_relation(define_file_table.staging);
  v_problem text;
begin
  select entities.*
  into v_entity
  from landfall.entities
  where entities.pipeline = define_file_table.pipeline
    and entities.name = define_file_table.entity;

  v_problem := case
    when v_entity.id is null
      then format('there is no entity %s', entity)
    when v_staging is null
      then format('there is no table %s', staging)
    when jsonb_typeof(define_file_table.columns) is distinct from 'array'
      then 'its columns are no list'
  end;

  v_problem := coalesce(
    v_problem,
    (
      select format('%s has no column %s', wanted.relation, wanted.name)
      from jsonb_array_elements(define_file_table.columns) as item
      cross join lateral (
        values
          (v_staging, coalesce(item ->> 'staging', item ->> 'file')),
          (to_regclass(v_entity.target), item ->> 'target')
      ) as wanted (relation, name)
      where wanted.name is not null
        and not item ? 'skipped'
        and not exists (
          select from landfall.columns_of(wanted.relation) as columns
          where columns.name = wanted.name
        )
      limit 1
    )
  );

  if v_problem is not null then
    raise exception using
      errcode = 'LF103',
      message = format('Cannot define file table %s of %s: %s', file_table, pipeline, v_problem),
      detail  = 'It names an entity of the pipeline, a staging table, and columns of both.',
      hint    = 'Mend the definition, then define the file table again.';
  end if;

  insert into landfall.file_tables (entity_id, file_table, staging, key, columns)
  values (
    v_entity.id,
    define_file_table.file_table,
    v_staging::text,
    coalesce(define_file_table.key, '{}'),
    define_file_table.columns
  )
  on conflict on constraint file_tables_pkey do update
  set
    file_table = excluded.file_table,
    staging = excluded.staging,
    key = excluded.key,
    columns = excluded.columns;
end
$$;

comment on function landfall.define_file_table is
$$Defines which table of a SQLite file an entity comes from, and what becomes of its columns.

An import then fills the staging table whatever its name, and verify --against compares the target
with the file. A column of the file that is given to no target is compared as it is staged. Raises
LF103 when it names what is not there.$$;


create function landfall.skip_file_table(pipeline text, file_table text, reason text)
  returns void
  language sql
  volatile
  security invoker
  set search_path = ''
as $$
  insert into landfall.skipped_file_tables (pipeline, file_table, reason)
  values (skip_file_table.pipeline, skip_file_table.file_table, skip_file_table.reason)
  on conflict on constraint skipped_file_tables_pkey do update
  set reason = excluded.reason
$$;

comment on function landfall.skip_file_table is
$$Says that a pipeline leaves a table of a SQLite file where it is, so that verify --against does
not miss it.$$;

select landfall.close_doors();
