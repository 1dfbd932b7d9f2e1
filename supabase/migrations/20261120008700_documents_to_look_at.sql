/*
 * Chapter 87: documents to look at. What an export would write, for a dry run that looks at what is
 * there.
 *
 * Reads  the transforms, landfall.rules, lineage, rejects
 * Writes nothing
 * Holds  a row that a rule rejects, or that does not compute, is not looked for
 */

create function landfall.reject_conditions(entity_id int, options jsonb)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select coalesce(
      jsonb_agg(
        rules.item - 'query' || jsonb_build_object('condition', coalesce(
          rules.item ->> 'condition',
          format(
            -- hashed: an array would be searched for every row
            'source_key not in (select failing.source_key::text from (%s) as failing'
            ' where failing.source_key is not null)',
            rules.item ->> 'query'   -- the author's query, parsed when it was defined
          )
        ))
        order by rules.nth
      ),
      '[]'
    )
    from jsonb_array_elements(
      landfall.active_rules(reject_conditions.entity_id, reject_conditions.options)
    ) with ordinality as rules (item, nth)
    where rules.item ->> 'action' = 'reject'
  );
end
$$;

comment on function landfall.reject_conditions is
$$The rules that keep rows of an entity out of a run with these options, each with a condition in
SQL, which is false for a row that it rejects.

In a run a rule with a query flags rows; its condition asks the query itself.$$;


create function landfall.documents_to_look_at(
  pipeline text,
  entity text,
  options jsonb default '{}',
  after text default null,
  most int default 1000
)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
  set statement_timeout = '120s'
  set timezone = 'UTC'
  set datestyle = 'ISO, MDY'
  set work_mem = '32MB'
as $$
declare
  v_entity  landfall.entities;
  v_shape   jsonb;
  v_paged   text;
  v_query   text;
  v_page    jsonb;
  v_keys    text[];
  v_failing text[] := '{}';
  v_context text;
begin
  perform landfall.use_limits(documents_to_look_at.options);

  select entities.*
  into v_entity
  from landfall.entities
  where entities.pipeline = documents_to_look_at.pipeline
    and entities.name = documents_to_look_at.entity;

  v_shape := jsonb_build_object(
    'transform', v_entity.transform,
    'documents', landfall.document_shape(v_entity.id) || '{"references": []}',
    'rules', landfall.reject_conditions(v_entity.id, documents_to_look_at.options)
  );

  v_paged := format(
    $sql$
        select source_key
        from %s as row_
        where source_key >= coalesce($3, '') and source_key is distinct from $3%s
        order by source_key
        limit $4
    $sql$,
    v_entity.transform,   -- a relation, quoted by Postgres
    case when documents_to_look_at.options @> '{"retryRejects": true}' then
      ' and source_key in (select rejects.source_key from landfall.rejects'
      ' where rejects.entity_id = $2 and rejects.settled_by is null)'
    end
  );

  v_query := format(
    $sql$
      with page as materialized (%2$s),

      given as materialized (
        select row_.*, row_number() over (partition by target_key order by source_key) as nth
        from (%1$s) as row_
      )

      select jsonb_build_object(
        'collection', %3$L,
        'rows', (select count(*) from page),
        'to', (select max(page.source_key) from page),
        'documents', (
          select coalesce(jsonb_agg(jsonb_build_object(
            'sourceKey', given.source_key,
            'id', given.target_key,
            'hash', given.hash::text,
            'known', known.run_id is not null,
            'ours', array_remove(array[known.given_hash, known.stored_hash], null)::text[]
          ) order by given.source_key), '[]')
          from given
          left join lateral (
            select lineage.run_id, lineage.given_hash, lineage.stored_hash, lineage.target_key
            from landfall.lineage
            where lineage.entity_id = $2 and lineage.source_key = given.source_key
            -- one look into the index a row, whatever the planner believes of lineage
            offset 0
          ) as known on true
          where known.given_hash is distinct from given.hash
            and given.broken = '{}'
            -- what has no _id of its own is rejected, whatever is there
            and given.target_key ~ '^[0-9a-f]{24}$'
            and given.target_key = coalesce(known.target_key, given.target_key)
            and given.nth = 1
            and not exists (
              select
              from landfall.lineage
              where lineage.target_key = given.target_key
                and lineage.entity_id = $2
                and lineage.source_key <> given.source_key
            )
        )
      )
    $sql$,
    landfall.documents_sql(
      v_shape, case
        when documents_to_look_at.options @> '{"retryRejects": true}'
          then 'row_.source_key in (select source_key from page)'
        else 'row_.source_key between (select min(source_key) from page)'
          ' and (select max(source_key) from page)'
      end || ' and row_.source_key <> all ($5)'
    ),
    v_paged,
    v_entity.target
  );

  begin
    execute v_query
    into v_page
    using
      null::bigint, v_entity.id, documents_to_look_at.after, documents_to_look_at.most, v_failing;
  exception when others then
    get stacked diagnostics v_context = pg_exception_context;

    if not landfall.is_data_error(sqlstate, v_context) then
      raise;
    end if;

    execute format('select array_agg(keys.source_key) from (%s) as keys', v_paged)
    into v_keys
    using null::bigint, v_entity.id, documents_to_look_at.after, documents_to_look_at.most;

    -- the run rejects them, whatever is there
    v_failing := array(
      select jsonb_object_keys(landfall.failing_documents(v_shape, v_entity.id, v_keys))
    );

    execute v_query
    into v_page
    using
      null::bigint, v_entity.id, documents_to_look_at.after, documents_to_look_at.most, v_failing;
  end;

  return v_page;
end
$$;

comment on function landfall.documents_to_look_at is
$$The next documents of an entity that an export would write, of so many rows: {collection, rows,
to, documents}, each document {sourceKey, id, hash, known, ours}.$$;

select landfall.close_doors();
