/*
 * Chapter 17: columns. The small pieces of which the next chapters' statements are made.
 *
 * Reads  shapes
 * Writes nothing
 * Holds  identifiers are quoted by %I or regclass, values are parameters or %L
 */

create function landfall.list_columns(columns jsonb, template text, separator text default ', ')
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select string_agg(
      format(list_columns.template, columns.item ->> 'name', columns.item ->> 'type'),
      list_columns.separator order by columns.nth
    )
    from jsonb_array_elements(list_columns.columns) with ordinality as columns (item, nth)
  );
end
$$;

comment on function landfall.list_columns is
$$Writes a list of columns: in the template, %1$I is the name and %2$s the type.$$;


create function landfall.amounts_sql(shape jsonb, alias text)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return case
    when amounts_sql.shape -> 'sums' = '[]' then 'null::jsonb'
    else format(
      'jsonb_build_object(%s)',
      (
        select string_agg(
          format('%1$L, %2$s.%1$I', sums.name, amounts_sql.alias), ', ' order by sums.nth
        )
        from jsonb_array_elements_text(shape -> 'sums') with ordinality as sums (name, nth)
      )
    )
  end;
end
$$;

comment on function landfall.amounts_sql is
$$Writes the expression {column: value} for the columns that an entity sums.$$;


create function landfall.key_text(shape jsonb, alias text)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return case jsonb_array_length(key_text.shape -> 'key')
    when 1 then landfall.list_columns(key_text.shape -> 'key', key_text.alias || '.%1$I::text')
    else format(
      'jsonb_build_array(%s)::text',
      landfall.list_columns(key_text.shape -> 'key', key_text.alias || '.%1$I::text')
    )
  end;
end
$$;

comment on function landfall.key_text is
$$Writes the expression for a row's primary key as lineage keeps it.$$;


create function landfall.same_target_sql(shape jsonb, alias text, target_key text)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select string_agg(
      format(
        case jsonb_array_length(same_target_sql.shape -> 'key')
          when 1 then '%1$s.%2$I = (%3$s)::%4$s'
          else '%1$s.%2$I = ((%3$s)::jsonb ->> %5$s)::%4$s'
        end,
        same_target_sql.alias, key.item ->> 'name', same_target_sql.target_key,
        key.item ->> 'type', key.nth - 1
      ),
      ' and ' order by key.nth
    )
    from jsonb_array_elements(same_target_sql.shape -> 'key') with ordinality as key (item, nth)
  );
end
$$;

comment on function landfall.same_target_sql is
$$Writes the condition that a target row is the one whose primary key lineage keeps as text.$$;


create function landfall.row_hash(columns jsonb, alias text)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select format(
      'pg_catalog.hash_record_extended(row(%s), 0)',
      string_agg(
        format(
          case when (columns.item ->> 'hashable')::boolean and columns.item ->> 'type' <> 'jsonb'
            then '%s.%I' else '%s.%I::text' end,
          row_hash.alias, columns.item ->> 'name'
        ),
        ', ' order by columns.nth desc
      )
    )
    from jsonb_array_elements(row_hash.columns) with ordinality as columns (item, nth)
  );
end
$$;

comment on function landfall.row_hash is
$$Writes the expression for a row's hash; a type that Postgres cannot hash goes in as text. So does
jsonb, whose own hash stays when two values that are 32 apart become another alike.

The last column comes first: a null in front leaves a record's hash as it is, so a column that a
table gains later, null in the rows there are, does not change theirs.$$;


create function landfall.unchanged_sql(shape jsonb)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return format(
    'coalesce(lineage.stored_hash, lineage.given_hash) = %s',
    landfall.row_hash(unchanged_sql.shape -> 'stored', 'stored_')
  );
end
$$;

comment on function landfall.unchanged_sql is
$$Writes the condition that a target row named stored_ is as its row of lineage tells.$$;


create function landfall.written_columns(shape jsonb)
  returns jsonb
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(columns.item order by (columns.item ->> 'position')::int), '[]')
    from (
      select item from jsonb_array_elements(written_columns.shape -> 'columns') as item
      union
      select item - 'nth' from jsonb_array_elements(written_columns.shape -> 'key') as item
    ) as columns
  );
end
$$;

comment on function landfall.written_columns is
$$Lists the columns the engine writes: those the transform gives, and the primary key.$$;


create function landfall.spare_faults(faults jsonb, name text, expression text)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return case
    when spare_faults.faults ? spare_faults.name then format(
      'case when row_.source_key <> all (%L::text[]) then (%s) end',
      array(select jsonb_array_elements_text(spare_faults.faults -> spare_faults.name)),
      spare_faults.expression
    )
    else spare_faults.expression
  end;
end
$$;

comment on function landfall.spare_faults is
$$Writes an expression that is null, and not computed, for the keys in which it fails.$$;


create function landfall.scopes_of(options jsonb)
  returns text[]
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return case jsonb_typeof(scopes_of.options -> 'sourceCompany')
    when 'array' then array(select jsonb_array_elements_text(scopes_of.options -> 'sourceCompany'))
  end;
end
$$;

comment on function landfall.scopes_of is
$$The tenants that the options of a run name; null for all.$$;


create function landfall.scopes_sql(shape jsonb, alias text default 'row_')
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select case
      -- one is the usual case, and plans best
      when cardinality(taken.scopes) = 1
        then format(' and %s.scope_key = %L', scopes_sql.alias, taken.scopes[1])
      when taken.scopes is not null
        then format(' and %s.scope_key = any (%L::text[])', scopes_sql.alias, taken.scopes)
      else ''
    end || case
      when scopes_sql.shape ? 'stopped' then format(
        ' and (%s.scope_key = any (%L::text[])) is not true',
        scopes_sql.alias, array(select jsonb_array_elements_text(scopes_sql.shape -> 'stopped'))
      )
      else ''
    end
    from (
      select case jsonb_typeof(scopes_sql.shape -> 'scopes')
        when 'array' then array(select jsonb_array_elements_text(scopes_sql.shape -> 'scopes'))
      end as scopes
    ) as taken
  );
end
$$;

comment on function landfall.scopes_sql is
$$Writes what is added to a condition for a run that takes the rows of some tenants only.$$;

select landfall.close_doors();
