/*
 * Chapter 57: imports. What came out of a legacy source, and what had to be left out.
 *
 * Reads  nothing
 * Writes landfall.imports, landfall.left_out
 * Holds  a row that could not be carried over exactly is named with its reason, never its value
 */

create table landfall.imports (
  id           bigint       generated always as identity primary key,
  pipeline     text         not null,
  source       text         not null,
  imported_at  timestamptz  not null default clock_timestamp(),
  tables       jsonb        not null default '{}',

  constraint imports_tables_are_named check (jsonb_typeof(tables) = 'object')
);

create index on landfall.imports (pipeline);

comment on table landfall.imports is
$$Sources that were imported into staging tables of a pipeline, which need not be defined yet.

An import of a table replaces what is kept of earlier ones of it, unless it takes some tenants.$$;
comment on column landfall.imports.source is
$$The file's name, without its folder; or host and database, without a user.$$;
comment on column landfall.imports.tables is
$$What became of the source's tables, by name: the staging table, rows, rows left out, columns that
were not imported or not filled, columns of mixed values.$$;


create table landfall.left_out (
  id           bigint  generated always as identity primary key,
  import_id    bigint  not null references landfall.imports (id) on delete cascade,
  table_name   text    not null,
  row_id       text    not null,
  column_name  text    not null,
  reason       text    not null
);

create index on landfall.left_out (import_id, table_name);

comment on table landfall.left_out is
$$Values of a legacy file for which their rows were not imported: a row has an entry for each.$$;
comment on column landfall.left_out.row_id is
$$The row's rowid in the file; or its primary key, where the table has no rowid.$$;
comment on column landfall.left_out.reason is
$$A sentence without the value, so that reasons can be counted.$$;

select landfall.close_doors();
