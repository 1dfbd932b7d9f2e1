/*
 * Chapter 68: scopes. A source of many tenants is moved tenant by tenant: a pipeline says who they
 * are, and where its source names them.
 *
 * Reads  a pipeline's list of scopes, the transforms, landfall.lineage
 * Writes landfall.pipelines
 * Holds  a pipeline with scopes has them in each of its transforms
 */

create function landfall.define_scopes(pipeline text, scopes text, columns jsonb)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_scopes  regclass := landfall.find_relation(define_scopes.scopes);
  v_lacking text := (
    select string_agg(entities.transform, ', ' order by entities.id)
    from landfall.entities
    where entities.pipeline = define_scopes.pipeline
      and not exists (
        select from landfall.columns_of(to_regclass(entities.transform)) as columns
        where (columns.name, type) = ('scope_key', 'text')
      )
  );
  v_problem text;
begin
  perform landfall.check_pipeline(define_scopes.pipeline);

  v_problem := case
    when v_scopes is null
      then format('there is no view %s', define_scopes.scopes)
    when (
      select count(*) <> 2
      from landfall.columns_of(v_scopes) as columns
      where (columns.name, type) in (('scope_key', 'text'), ('label', 'text'))
    )
      then format('%s lacks scope_key text or label text', v_scopes)
    when v_lacking is not null
      then format('%s lacks scope_key text', v_lacking)
    when jsonb_typeof(define_scopes.columns) is distinct from 'object'
      or define_scopes.columns @? '$.* ? (@.type() != "string")'
      then 'its columns are no object of tables and columns'
  end;

  if v_problem is not null then
    raise exception using
      errcode = 'LF102',
      message = format('Cannot define the scopes of pipeline %s: %s', pipeline, v_problem),
      detail  = 'A list of scopes has scope_key text and label text; so has every transform a '
                'scope_key. Columns are {table of the source: column}.',
      hint    = 'Mend the views, then define the scopes after the entities.';
  end if;

  update landfall.pipelines
  set
    scopes = v_scopes::text,
    scope_columns = define_scopes.columns
  where pipelines.name = define_scopes.pipeline;
end
$$;

comment on function landfall.define_scopes is
$$Names the view that lists a pipeline's tenants, scope_key text and label text, and the column
that names the tenant in each table of the source.

A run, a verification, a roll-back and an import can then take some of them. Call it after the
entities are defined. Raises LF102 when a transform has no scope_key.$$;


create function landfall.check_scopes(pipeline text, scopes text[], run_id bigint default null)
  returns void
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_list    text;
  v_unknown text[];
begin
  if check_scopes.scopes is null then
    return;
  end if;

  select pipelines.scopes
  into v_list
  from landfall.pipelines
  where pipelines.name = check_scopes.pipeline;

  if v_list is not null then
    execute format(
      $sql$
        select array_agg(wanted.scope_key order by wanted.nth)
        from unnest($1) with ordinality as wanted (scope_key, nth)
        where not exists (
          select
          from landfall.run_scopes
          join landfall.runs on runs.id = run_scopes.run_id
          where runs.pipeline = $2
            and run_scopes.scope_key = wanted.scope_key
            and ($3 is null or runs.id = $3)
        )
          and case
            when $3 is null
              then not exists (select from %s as listed where listed.scope_key = wanted.scope_key)
            -- what a roll-back takes back was written by the run: a row that has moved, too
            else not exists (
              select
              from landfall.lineage
              where lineage.run_id = $3 and lineage.scope_key = wanted.scope_key
            )
          end
      $sql$,
      v_list   -- a relation, quoted by Postgres
    )
    into v_unknown
    using check_scopes.scopes, check_scopes.pipeline, check_scopes.run_id;
  end if;

  if v_list is null or v_unknown is not null then
    raise exception using
      errcode = 'LF213',
      message = case
        when v_list is null
          then format('Pipeline %s has no source companies to choose from', pipeline)
        when check_scopes.run_id is not null
          then format('Run %s has no source company %s', run_id, v_unknown[1])
        else format('Pipeline %s has no source company %s', pipeline, v_unknown[1])
      end,
      detail  = case
        when cardinality(v_unknown) > 1
          then format('Nor has it %s.', array_to_string(v_unknown[2:6], ', '))
        else ''
      end,
      hint    = case
        when v_list is null then 'Leave the option out.'
        else format('functions invoke status --pipeline %s lists those there are.', pipeline)
      end;
  end if;
end
$$;

comment on function landfall.check_scopes is
$$Raises LF213 for tenants that neither the pipeline's source nor an earlier run has; or that the
given run has not.$$;


create function landfall.lacking_scopes(parent landfall.entities, scopes text[])
  returns text
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_lacking text;
begin
  if lacking_scopes.scopes is not null then
    execute format(
      $sql$
        select min(wanted.scope_key)
        from unnest($1) as wanted (scope_key)
        where exists (select from %s as row_ where row_.scope_key = wanted.scope_key)
          and not exists (
            select
            from landfall.lineage
            where lineage.entity_id = $2 and lineage.scope_key = wanted.scope_key
          )
      $sql$,
      parent.transform   -- a relation, quoted by Postgres
    )
    into v_lacking
    using lacking_scopes.scopes, parent.id;
  end if;

  return v_lacking;
end
$$;

comment on function landfall.lacking_scopes is
$$Finds a tenant, of those given, whose rows of an entity are in the source and none migrated.$$;

select landfall.close_doors();
