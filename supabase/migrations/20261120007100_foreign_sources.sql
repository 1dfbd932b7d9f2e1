/*
 * Chapter 71: foreign sources. Where the database reaches the source itself, through a foreign data
 * wrapper: which of its tables and columns fit the staging tables of a pipeline.
 *
 * Reads  pg_catalog, landfall.pipelines, runs
 * Writes nothing
 * Holds  a value arrives as it is, or nothing does
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
    and not exists (
      select from landfall.parts where to_regclass(parts.staging) = relations.oid
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


create function landfall.foreign_columns(staging regclass, source regclass)
  returns table (name text, type text, given text, fits boolean)
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select
    mine.name, mine.type, theirs.type,
    mine.type in (theirs.type, theirs.bare)
      or mine.type in ('text', 'character varying')
      or (theirs.bare, mine.type) in (
        ('smallint', 'integer'), ('smallint', 'bigint'), ('smallint', 'numeric'),
        ('integer', 'bigint'), ('integer', 'numeric'), ('bigint', 'numeric'),
        ('real', 'double precision'), ('date', 'timestamp without time zone'),
        -- without a zone it is UTC
        ('timestamp without time zone', 'timestamp with time zone'), ('json', 'jsonb')
      )
  from landfall.columns_of(foreign_columns.staging) as mine
  join (
    select columns.*, regexp_replace(columns.type, '\([^)]*\)', '') as bare
    from landfall.columns_of(foreign_columns.source) as columns
  ) as theirs using (name)
  where not mine.generated
$$;

comment on function landfall.foreign_columns is
$$Lists the columns that a staging table and its source have both, and whether every value of the
source's type is one of the other, unchanged.$$;


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

  select min(problems.problem)
  into v_problem
  from (
    select concat_ws(' ', 'pipeline', check_foreign.pipeline, 'stages no table', named.name)
    from unnest(coalesce(check_foreign.tables, array[null::text])) as named (name)
    where not exists (
      select
      from landfall.foreign_tables(check_foreign.pipeline, check_foreign.schema) as listed
      where listed.name = coalesce(named.name, listed.name)
    )

    union all
    select case
      when listed.source is null
        then format('schema %s has no table %s', schema, listed.name)
      when not exists (select from landfall.foreign_columns(listed.staging, listed.source))
        then format('%s in schema %s has no column of %s', listed.name, schema, listed.staging)
      when source_company is not null and not exists (
        select
        from landfall.foreign_columns(listed.staging, listed.source) as columns
        where columns.name = listed.scope_column
      )
        then format('%s has no column that names the company', listed.name)
      else (
        select min(format('%s.%s is %s, and %s takes %s', listed.name, columns.name,
          columns.given, listed.staging, columns.type))
        from landfall.foreign_columns(listed.staging, listed.source) as columns
        where not columns.fits
      )
    end
    from landfall.foreign_tables(check_foreign.pipeline, check_foreign.schema) as listed
    where check_foreign.tables is null or listed.name = any (check_foreign.tables)
  ) as problems (problem);

  if cardinality(source_company) = 0 or array_position(source_company, null) > 0 then
    v_problem := 'companies are keys, at least one';
  end if;

  if v_problem is not null then
    raise exception using
      errcode = 'LF214',
      message = format('Cannot import %s from schema %s: %s', pipeline, schema, v_problem),
      detail  = (
        select format('It stages %s.', string_agg(listed.name, ', ' order by listed.name))
        from landfall.foreign_tables(check_foreign.pipeline, check_foreign.schema) as listed
      ),
      hint    = 'import foreign schema … makes the foreign tables; change the type of a staging '
                'column to text where the source''s does not fit. Nothing was imported.';
  end if;
end
$$;

comment on function landfall.check_foreign is
$$Raises LF214 when foreign tables do not fit a pipeline's staging tables, LF202 while a run reads
these.$$;

select landfall.close_doors();
