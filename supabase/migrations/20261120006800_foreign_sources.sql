/*
 * Chapter 68: foreign sources. Where the database reaches the source itself, through a foreign data
 * wrapper, staging tables are filled by it, with no process in the middle.
 *
 * Reads  foreign tables
 * Writes the staging tables of a pipeline, landfall.imports
 * Holds  all tables are read as they are at one moment; of the companies named, and of no other
 */

create function landfall.foreign_tables(pipeline text, schema text)
  returns table (staging regclass, name text, source regclass, scope_column text)
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select
    relations.oid::regclass,
    names.name,
    to_regclass(format('%I.%I', foreign_tables.schema, names.name)),
    pipelines.scope_columns ->> names.name
  from pg_catalog.pg_class as relations
  cross join lateral (
    select substr(relations.relname, length(foreign_tables.pipeline) + 2) as name
  ) as names
  left join landfall.pipelines on pipelines.name = foreign_tables.pipeline
  where relations.relnamespace = 'staging'::regnamespace
    and relations.relkind in ('r', 'p')
    and starts_with(relations.relname, foreign_tables.pipeline || '_')
    and coalesce(
      pg_catalog.obj_description(relations.oid, 'pg_class') not like '%Filled by triggers.', true
    )
    -- a table that begins with the longer name of another pipeline is that one's
    and not exists (
      select from landfall.pipelines as others
      where starts_with(others.name, foreign_tables.pipeline || '_')
        and starts_with(relations.relname, others.name || '_')
    )
$$;

comment on function landfall.foreign_tables is
$$Lists the staging tables of a pipeline, each with the table of a schema that fills it, null where
there is none, and the column that names the tenant there.$$;


create function landfall.check_foreign(
  pipeline text,
  schema text,
  source_company text[],
  tables text[]
)
  returns void
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_run     bigint;
  v_problem text;
begin
  select runs.id
  into v_run
  from landfall.runs
  where runs.pipeline = check_foreign.pipeline and runs.state in ('planned', 'running');

  if v_run is not null then
    raise exception using
      errcode = 'LF202',
      message = format('Run %s of pipeline %s is active', v_run, pipeline),
      hint    = 'Let it end, pause it or cancel it, then import again.';
  end if;

  select case
    when count(*) = 0 then format('pipeline %s has no staging tables', pipeline)
    when count(*) filter (where listed.source is null and listed.taken) > 0
      then format('schema %s has no table %s', schema,
        min(listed.name) filter (where listed.source is null and listed.taken))
    when count(*) filter (where listed.taken and listed.columns = 0) > 0
      then format('%s in schema %s has no column of %s', min(listed.name) filter (
        where listed.taken and listed.columns = 0), schema,
        min(listed.staging::text) filter (where listed.taken and listed.columns = 0))
    when count(*) filter (where listed.taken) < cardinality(check_foreign.tables)
      then format('pipeline %s stages no table %s', pipeline, (
        select min(named.name)
        from unnest(check_foreign.tables) as named (name)
        where named.name <> all (array_agg(listed.name))
      ))
    when source_company is not null
      and count(*) filter (where listed.scope_column is null and listed.taken) > 0
      then format('pipeline %s does not say which column of %s names the company', pipeline,
        min(listed.name) filter (where listed.scope_column is null and listed.taken))
  end
  into v_problem
  from (
    select
      *,
      check_foreign.tables is null or name = any (check_foreign.tables) as taken,
      (
        select count(*)
        from landfall.target_columns as mine
        join landfall.target_columns as theirs
          on theirs.relation = source and theirs.name = mine.name
        where mine.relation = staging
      ) as columns
    from landfall.foreign_tables(check_foreign.pipeline, check_foreign.schema)
  ) as listed;

  if v_problem is not null then
    raise exception using
      errcode = 'LF214',
      message = format('Cannot import %s from schema %s: %s', pipeline, schema, v_problem),
      detail  = (
        select format('It stages %s.', string_agg(listed.name, ', ' order by listed.name))
        from landfall.foreign_tables(check_foreign.pipeline, check_foreign.schema) as listed
      ),
      hint    = 'import foreign schema … makes the foreign tables; name those to take as tables.';
  end if;
end
$$;

comment on function landfall.check_foreign is
$$Raises LF214 when foreign tables do not fit a pipeline's staging tables, LF202 while a run reads
these.$$;


create function landfall.import_foreign(
  pipeline text,
  schema text,
  source_company text[] default null,
  tables text[] default null
)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_table   record;
  v_columns text;
  v_values  text;
  v_where   text;
  v_rows    bigint;
  v_missing text[] := import_foreign.source_company;
  v_loaded  jsonb := '{}';
begin
  perform landfall.check_pipeline(import_foreign.pipeline);
  perform landfall.check_foreign(pipeline, schema, source_company, tables);

  for v_table in
    select *
    from landfall.foreign_tables(import_foreign.pipeline, import_foreign.schema) as listed
    where import_foreign.tables is null or listed.name = any (import_foreign.tables)
    order by listed.name
  loop
    select
      string_agg(format('%I', mine.name), ', ' order by mine.position),
      string_agg(format('row_.%I::%s', mine.name, mine.type), ', ' order by mine.position)
    into v_columns, v_values
    from landfall.target_columns as mine
    join landfall.target_columns as theirs
      on theirs.relation = v_table.source
      and theirs.name = mine.name
    where mine.relation = v_table.staging
      and not mine.generated;

    -- in the type of the column, so that the source can look into its index
    select format('row_.%I = any (%L::%s[])', columns.name, import_foreign.source_company, type)
    into v_where
    from landfall.target_columns as columns
    where columns.relation = v_table.source
      and columns.name = v_table.scope_column
      and import_foreign.source_company is not null;

    execute format('lock table %s in access exclusive mode nowait', v_table.staging);

    if v_where is null then
      execute format('truncate %s', v_table.staging);
    else
      execute format('delete from %s where %I::text = any ($1)',
        v_table.staging, v_table.scope_column)
      using import_foreign.source_company;
    end if;

    execute format(
      'insert into %s (%s) select %s from %s as row_ where %s',
      v_table.staging,              -- a relation, quoted by Postgres
      v_columns, v_values,          -- quoted above
      v_table.source,               -- a relation, quoted by Postgres
      coalesce(v_where, 'true')     -- quoted above
    );
    get diagnostics v_rows = row_count;

    execute format('analyze %s', v_table.staging);

    v_loaded := v_loaded || jsonb_build_object(
      v_table.name, jsonb_build_object('staging', v_table.staging::text, 'rows', v_rows)
    );

    if v_missing is not null then
      execute format(
        $sql$
          select array_agg(wanted.scope_key)
          from unnest($1) as wanted (scope_key)
          where not exists (select from %s as row_ where row_.%I::text = wanted.scope_key)
        $sql$,
        v_table.staging, v_table.scope_column   -- quoted by Postgres, and by %I
      )
      into v_missing
      using v_missing;
    end if;
  end loop;

  if v_missing is not null then
    raise exception using
      errcode = 'LF213',
      message = format('There is no company %s in schema %s', v_missing[1], schema),
      hint    = 'Name a company that the source has. Nothing was imported.';
  end if;

  insert into landfall.imports (pipeline, source, tables)
  values (import_foreign.pipeline, 'schema ' || import_foreign.schema, v_loaded);

  return v_loaded;
end
$$;

comment on function landfall.import_foreign is
$$Fills the staging tables of a pipeline from the tables of the same names in a schema, foreign ones
as a rule, and returns {table: {staging, rows}}.

Without companies a staging table is emptied first, else only their rows are replaced; the source
is asked for no others. All is read at one moment, as a foreign server keeps one snapshot for a
transaction. Columns go by name. Raises LF214, LF101, LF202, LF213.$$;

select landfall.close_doors();
