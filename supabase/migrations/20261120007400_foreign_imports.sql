/*
 * Chapter 74: foreign imports. Staging tables are filled through a foreign data wrapper, with no
 * process in the middle.
 *
 * Reads  foreign tables
 * Writes the staging tables of a pipeline, landfall.imports
 * Holds  rows of the companies named, and of no other, are asked for and replaced
 */

create function landfall.company_keys(companies text[], type text)
  returns text[]
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_keys text[];
begin
  execute format('select %L::%s[]::text[]', company_keys.companies, company_keys.type)
  into v_keys;

  return v_keys;
exception when data_exception then
  raise exception using
    errcode = 'LF213',
    message = format('A company''s key is %s', company_keys.type),
    detail  = format('Given are %s.', array_to_string(company_keys.companies[1:5], ', ')),
    hint    = 'Name companies as the source does. Nothing was imported.';
end
$$;

comment on function landfall.company_keys is
$$Writes keys of companies as their type writes them, whatever the case they are given in; raises
LF213 for what is no key.$$;


create function landfall.check_companies(pipeline text, schema text, companies text[])
  returns void
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_missing text[] := check_companies.companies;
  v_table   record;
begin
  for v_table in
    select listed.source, listed.scope_column, columns.given
    from landfall.foreign_tables(check_companies.pipeline, check_companies.schema) as listed
    join lateral landfall.foreign_columns(listed.staging, listed.source) as columns
      on columns.name = listed.scope_column
    order by listed.name
  loop
    execute format(
      $sql$
        select array_agg(wanted.key::text)
        from unnest($1::%3$s[]) as wanted (key)
        where not exists (select from %1$s as row_ where row_.%2$I = wanted.key)
      $sql$,
      v_table.source, v_table.scope_column, v_table.given   -- named by the catalog
    )
    into v_missing
    using landfall.company_keys(v_missing, v_table.given);

    exit when v_missing is null;
  end loop;

  if v_missing is not null then
    raise exception using
      errcode = 'LF213',
      message = format('There is no company %s in schema %s', v_missing[1], schema),
      hint    = 'Name a company that the source has. Nothing was imported.';
  end if;
end
$$;

comment on function landfall.check_companies is
$$Raises LF213 for a company of which no table of the source has a row.$$;


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
  -- what a value means must not depend on who calls
  set timezone = 'UTC'
  set datestyle = 'ISO, MDY'
  set intervalstyle = 'postgres'
  set extra_float_digits = '1'
  set bytea_output = 'hex'
as $$
declare
  v_table  record;
  v_keys   text[];
  v_rows   bigint;
  v_loaded jsonb := '{}';
begin
  perform landfall.check_pipeline(import_foreign.pipeline);
  perform landfall.check_foreign(pipeline, schema, source_company, tables);

  if import_foreign.source_company is not null then
    perform landfall.check_companies(pipeline, schema, source_company);
  end if;

  for v_table in
    select listed.*, columns.*
    from landfall.foreign_tables(import_foreign.pipeline, import_foreign.schema) as listed
    cross join lateral (
      select
        string_agg(format('%I', shared.name), ', ') as names,
        string_agg(format('row_.%I::%s', shared.name, shared.type), ', ') as given,
        min(shared.given) filter (where shared.name = listed.scope_column) as scope_type
      from landfall.foreign_columns(listed.staging, listed.source) as shared
    ) as columns
    where import_foreign.tables is null or listed.name = any (import_foreign.tables)
    order by listed.name
  loop
    execute format('lock table %s in access exclusive mode nowait', v_table.staging);

    if import_foreign.source_company is null then
      execute format('truncate %s', v_table.staging);
    else
      v_keys := landfall.company_keys(import_foreign.source_company, v_table.scope_type);
      execute format('delete from %s as row_ where row_.%I::text = any ($1)',
        v_table.staging, v_table.scope_column)
      using v_keys;
    end if;

    execute format(
      'insert into %s (%s) select %s from %s as row_ where %s',
      v_table.staging, v_table.names, v_table.given, v_table.source,   -- named by the catalog
      case
        when import_foreign.source_company is null then 'true'
        -- in the type of the column, so that the source can look into its index
        else format('row_.%I = any (%L::%s[])', v_table.scope_column, v_keys, v_table.scope_type)
      end
    );
    get diagnostics v_rows = row_count;

    execute format('analyze %s', v_table.staging);

    v_loaded := v_loaded || jsonb_build_object(
      v_table.name, jsonb_build_object('staging', v_table.staging::text, 'rows', v_rows)
    );
  end loop;

  insert into landfall.imports (pipeline, source, tables)
  values (import_foreign.pipeline, 'schema ' || import_foreign.schema, v_loaded);

  return v_loaded;
end
$$;

comment on function landfall.import_foreign is
$$Fills the staging tables of a pipeline from the tables of the same names in a schema, foreign ones
as a rule, and returns {table: {staging, rows}}.

Without companies a staging table is emptied first, else only their rows are replaced; the source
is asked for no others. All is read at one moment where the wrapper keeps one snapshot for a
transaction, as postgres_fdw does. Columns go by name. Raises LF101, LF202, LF213, LF214.$$;

select landfall.close_doors();
