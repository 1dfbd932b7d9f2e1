/*
 * Chapter 65: scopes. A source of many tenants is moved tenant by tenant: a pipeline says who they
 * are, and where its source names them.
 *
 * Reads  a pipeline's list of scopes
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
        select from landfall.target_columns
        where relation = to_regclass(entities.transform) and name = 'scope_key'
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
      from landfall.target_columns
      where relation = v_scopes
        and (target_columns.name, type) in (('scope_key', 'text'), ('label', 'text'))
    )
      then format('%s lacks scope_key text or label text', v_scopes)
    when v_lacking is not null
      then format('%s lacks scope_key', v_lacking)
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

select landfall.close_doors();
