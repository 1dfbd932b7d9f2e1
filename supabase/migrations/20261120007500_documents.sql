/*
 * Chapter 75: documents. An entity may fill a collection of a document database instead of a table:
 * its view says what a legacy row becomes as a document.
 *
 * Reads  landfall.pipelines, entities, pg_catalog
 * Writes landfall.entities, collections
 * Holds  a pipeline writes either tables or documents
 */

create function landfall.check_kind(pipeline text, documents boolean)
  returns void
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  if landfall.writes_documents(check_kind.pipeline) is distinct from check_kind.documents then
    raise exception using
      errcode = 'LF215',
      message = format('Pipeline %s writes %s', check_kind.pipeline,
        case when documents then 'tables' else 'documents' end),
      detail  = case
        when documents then 'None of its entities has a collection.'
        else 'Its rows go to a document database, which SQL does not reach.'
      end,
      hint    = case
        when documents then 'Call the function migrate.'
        else 'Call the functions export-documents, rollback and verify, which write and read there.'
      end;
  end if;
end
$$;

comment on function landfall.check_kind is
$$Raises LF215 when a pipeline writes tables and should write documents, or the other way round.$$;


create function landfall.use_limits(options jsonb)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  perform set_config('landfall.max_children', coalesce(options ->> 'maxChildren', ''), true);
end
$$;

comment on function landfall.use_limits is
$$Tells the transforms, until the transaction ends, how many children a document may embed: the
setting landfall.max_children, empty when nothing was said.$$;


create function landfall.define_documents(
  pipeline text,
  name text,
  collection text,
  transform text default null,
  refers_to jsonb default '{}',
  indexes text[] default '{}',
  counts jsonb default '{}',
  secret_fields text[] default '{}'
)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_view      constant text := coalesce(
    define_documents.transform, format('transform.%I', pipeline || '_' || name)
  );
  v_transform constant regclass := landfall.find_relation(v_view);
  v_problem   text;
  v_query     text;
  v_entity    int;
begin
  if not exists (select from landfall.pipelines where pipelines.name = pipeline) then
    raise exception using
      errcode = 'LF101',
      message = format('Cannot define entity %s: there is no pipeline %s', name, pipeline),
      hint    = 'Call landfall.define_pipeline first.';
  end if;

  v_problem := case
    when name is null or name !~ '^[a-z][a-z0-9_]{0,39}$'
      then 'its name is not a lower case word'
    when collection is null or collection !~ '^[^$\s]{1,200}$' or collection ^@ 'system.'
      then format('%s is no name for a collection', coalesce(quote_literal(collection), '(null)'))
    when v_transform is null
      then format('there is no view %s', v_view)
    when (
      select count(*) <> 3
      from landfall.columns_of(v_transform) as columns
      where (columns.name, type) in (('source_key', 'text'), ('source_row', 'jsonb'))
        or columns.name = 'document' and type in ('json', 'jsonb')
    )
      then format('%s lacks source_key text, source_row jsonb or document json', v_transform)
    when exists (
      select
      from landfall.columns_of(v_transform) as columns
      where columns.name in ('waiting_for', 'scope_key')
    )
      then format('%s has waiting_for or scope_key, which documents do not take', v_transform)
    when landfall.key_sql(jsonb_build_object('transform', v_transform), 'row_') <> 'row_.source_key'
      then format(
        '%s orders its source keys by a collation of their own: cast them by collate "default"',
        v_transform
      )
    when exists (
      select
      from landfall.entities
      left join landfall.collections on collections.entity_id = entities.id
      where entities.pipeline = define_documents.pipeline and collections.entity_id is null
    )
      then 'its pipeline writes tables'
    when exists (
      select
      from landfall.entities
      where entities.pipeline = define_documents.pipeline
        and entities.target = define_documents.collection
        and entities.name <> define_documents.name
    )
      then format('another entity of the pipeline writes collection %s', collection)
    when jsonb_typeof(refers_to) is distinct from 'object'
      then 'refers_to is no object of paths and entities'
    when jsonb_typeof(counts) is distinct from 'object'
      then 'counts is no object of paths and queries'
  end;

  v_problem := coalesce(
    v_problem,
    (
      select format('it refers to %s, which is no entity of the pipeline', referred.entity)
      from jsonb_each_text(refers_to) as referred (path, entity)
      where referred.entity is distinct from define_documents.name
        and not exists (
          select
          from landfall.entities
          where entities.pipeline = define_documents.pipeline and entities.name = referred.entity
        )
      limit 1
    ),
    (
      select format('%s is no index', quote_literal(listed.paths))
      from unnest(indexes) as listed (paths)
      where listed.paths !~ '^-?[^-,$\s][^,$\s]*(, ?-?[^-,$\s][^,$\s]*)*$'
      limit 1
    )
  );

  if v_problem is null then
    begin
      for v_query in select value from jsonb_each_text(counts) loop
        execute format('explain select (%s)::bigint', v_query);
      end loop;
    exception when others then
      v_problem := sqlerrm;
    end;
  end if;

  if v_problem is not null then
    raise exception using
      errcode = 'LF103',
      message = format('Cannot define entity %s.%s: %s', pipeline, name, v_problem),
      detail  = 'A transform has source_key text, source_row jsonb and document json. An index is '
                'a list such as "project_id, -created_at"; a count is a query of one number.',
      hint    = 'Mend the definition or the view, then define the entity again.';
  end if;

  insert into landfall.entities (pipeline, name, target, transform, secret_fields)
  values (
    define_documents.pipeline, define_documents.name, define_documents.collection,
    v_transform::text, coalesce(define_documents.secret_fields, '{}')
  )
  on conflict on constraint entities_pipeline_name_key do update
  set
    target = excluded.target,
    transform = excluded.transform,
    secret_fields = excluded.secret_fields
  returning id into v_entity;

  insert into landfall.collections (entity_id, refers_to, indexes, counts)
  values (
    v_entity, define_documents.refers_to, coalesce(define_documents.indexes, '{}'),
    define_documents.counts
  )
  on conflict on constraint collections_pkey do update
  set
    refers_to = excluded.refers_to,
    indexes = excluded.indexes,
    counts = excluded.counts;

  perform landfall.entity_order(define_documents.pipeline);
end
$$;

comment on function landfall.define_documents is
$$Defines an entity whose rows become documents of a collection.

The view is transform.<pipeline>_<name> unless named; its column document is the whole document as
canonical Extended JSON, with an ObjectId as _id that is made from the source key. refers_to tells
whose documents the ObjectIds at a path name, and so what comes first. counts are queries for how
many embedded documents there must be at a path, which a verification compares. Raises LF103 when
something does not fit.$$;

select landfall.close_doors();
