/*
 * Chapter 27: sources. A pipeline whose source table has another name in every project reads it
 * through a view, which a run binds to the table.
 *
 * Reads  pg_catalog
 * Writes the source view of a pipeline
 * Holds  a run never guesses between two stores
 */

create function landfall.bind_source(pipeline text, source text default null)
  returns text
  language plpgsql
  volatile
  -- definer: the source view belongs to the owner of the migrations, and only its owner may
  -- replace it. The view itself reads with its caller's rights.
  security definer
  set search_path = ''
as $$
declare
  v_pipeline landfall.pipelines;
  v_staging  regclass := to_regclass(format('staging.%I', bind_source.pipeline || '_store'));
  v_filled   boolean := false;
  v_found    regclass[];
  v_chosen   regclass;
  v_columns  text;
begin
  select pipelines.*
  into v_pipeline
  from landfall.pipelines
  where pipelines.name = bind_source.pipeline;

  if v_pipeline.source_pattern is null then
    if bind_source.source is not null then
      raise exception using
        errcode = 'LF203',
        message = format('Pipeline %s does not take a source', bind_source.pipeline),
        detail  = 'Its transforms name the tables they read.',
        hint    = 'Leave the option source out.';
    end if;

    return null;
  end if;

  if v_staging is not null then
    execute format('select exists (select from %s)', v_staging) into v_filled;
  end if;

  v_found := array(
    select relations.oid::regclass
    from pg_catalog.pg_class as relations
    where relations.relnamespace = 'public'::regnamespace
      and relations.relkind in ('r', 'p', 'v', 'm', 'f')
      and relations.relname ~ v_pipeline.source_pattern
    order by relations.relname
  ) || case when v_filled then v_staging end;
  v_found := array_remove(v_found, null);

  v_chosen := case
    when bind_source.source is not null then landfall.find_relation(bind_source.source)
    when cardinality(v_found) = 1 then v_found[1]
  end;

  if bind_source.source is null and cardinality(v_found) = 0 then
    raise exception using
      errcode = 'LF207',
      message = format('Pipeline %s finds no store to read', bind_source.pipeline),
      detail  = format('No table in public matches %s, and %s is empty.',
        v_pipeline.source_pattern, coalesce(v_staging::text, 'its staging table')),
      hint    = 'Name the table with the option source, or import a file into staging.';
  end if;

  if bind_source.source is null and cardinality(v_found) > 1 then
    raise exception using
      errcode = 'LF208',
      message = format('Pipeline %s finds %s stores', bind_source.pipeline, cardinality(v_found)),
      detail  = array_to_string(v_found, ', '),
      hint    = 'Name one of them with the option source.';
  end if;

  if v_chosen is null
    or split_part(v_chosen::text, '.', 1) not in ('public', 'staging')
    or not has_table_privilege('service_role', v_chosen, 'select')
  then
    raise exception using
      errcode = 'LF209',
      message = format('Pipeline %s cannot read %s', bind_source.pipeline,
        coalesce(v_chosen::text, bind_source.source)),
      detail  = case
        when v_chosen is null then 'There is no such table.'
        when split_part(v_chosen::text, '.', 1) in ('public', 'staging')
          then 'The role service_role may not select from it.'
        else 'A source is a table or view in schema public or staging.'
      end,
      hint    = case
        when cardinality(v_found) > 0
          then format('Found: %s.', array_to_string(v_found, ', '))
        else format('Grant select on it to service_role, or name another table.')
      end;
  end if;

  select string_agg(
    format(
      -- a view keeps its collation, whatever the table's
      case columns.type when 'text' then '%1$I::%2$s collate "default" as %1$I'
        else '%1$I::%2$s' end,
      columns.name, columns.type
    ),
    ', ' order by columns.position
  )
  into v_columns
  from landfall.columns_of(to_regclass(v_pipeline.source)) as columns;

  begin
    execute format(
      'create or replace view %s with (security_invoker = true) as select %s from %s',
      v_pipeline.source,   -- a view, quoted by Postgres
      v_columns,           -- quoted above with %I
      v_chosen             -- regclass, quoted by Postgres
    );
  exception when undefined_column or cannot_coerce or invalid_table_definition then
    raise exception using
      errcode = 'LF209',
      message = format('Pipeline %s cannot read %s', bind_source.pipeline, v_chosen),
      detail  = sqlerrm,
      hint    = format('A source has these columns: %s.', v_columns);
  end;

  return v_chosen::text;
end
$$;

comment on function landfall.bind_source is
$$Points a pipeline's source view at the table to read, and returns its name.

Without a name it takes the one table in public that matches the pipeline's pattern, or the
staging table when a file was imported there. Raises LF207 when there is none, LF208 when
there are several, LF209 when the one named cannot be read.$$;

select landfall.close_doors();
