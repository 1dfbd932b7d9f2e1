/*
 * Chapter 76: rows of documents. What every statement about documents begins with: the transform's
 * rows, each with the hash of its document and what speaks against it.
 *
 * Reads  landfall.collections, shapes
 * Writes nothing
 * Holds  a hash depends on what a document holds, not on the order of its fields or on blanks
 */

create function landfall.document_shape(entity_id int)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'collection', entities.target,
      'counts', collections.counts,
      'references', (
        select coalesce(
          jsonb_agg(
            jsonb_build_object(
              'reason', format('%s names no document of %s', referred.path, parents.target),
              'entityId', parents.id,
              -- lax: what is under an array is looked for in each of its items
              'jsonpath', format('lax $.%s."$oid"', (
                select string_agg(to_json(parts.name)::text, '.' order by parts.nth)
                from regexp_split_to_table(referred.path, '\.') with ordinality as parts (name, nth)
              ))
            )
            order by referred.path
          ),
          '[]'
        )
        from jsonb_each_text(collections.refers_to) as referred (path, name)
        join landfall.entities as parents
          on parents.pipeline = entities.pipeline
          and parents.name = referred.name
          and parents.id <> entities.id
      )
    )
    from landfall.collections
    join landfall.entities on entities.id = collections.entity_id
    where collections.entity_id = document_shape.entity_id
  );
end
$$;

comment on function landfall.document_shape is
$$What the engine must know of an entity to make its documents; null for one that fills a table.$$;


create function landfall.document_collections(pipeline text)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  perform landfall.check_pipeline(document_collections.pipeline);
  perform landfall.check_kind(document_collections.pipeline, documents => true);

  return (
    select jsonb_agg(
      jsonb_build_object(
        'entity', entities.name,
        'entityId', entities.id,
        'collection', entities.target,
        'indexes', collections.indexes
      )
      order by places.place
    )
    from landfall.entity_order(document_collections.pipeline) as places
    join landfall.entities on entities.id = places.entity_id
    join landfall.collections on collections.entity_id = entities.id
  );
end
$$;

comment on function landfall.document_collections is
$$The collections that a pipeline fills: {entity, entityId, collection, indexes} each, parents
first. Raises LF101 or LF215.$$;


create function landfall.documents_sql(shape jsonb, predicate text)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return (
    with rules as (
      select
        case when rule.item ->> 'condition' is not null
          then format('(%s) as %I', rule.item ->> 'condition', rule.item ->> 'column')
        end as computed,
        case when rule.item ->> 'condition' is not null
          then format('given_.%I is false', rule.item ->> 'column')
          else format(
            'exists (select from landfall.flagged where flagged.run_id = $1'
            ' and flagged.entity_id = $2 and flagged.source_key = given_.source_key'
            ' and flagged.rule = %L)',
            rule.item ->> 'name'
          )
        end as broken,
        rule.item,
        rule.nth
      from jsonb_array_elements(documents_sql.shape -> 'rules') with ordinality as rule (item, nth)
      where rule.item ->> 'action' = 'reject' or rule.item ->> 'condition' is not null
    )

    select format(
      $sql$
        select
          given_.source_key,
          given_.document,
          given_.lf_value #>> '{_id,$oid}' as target_key,
          ('x' || left(md5(given_.lf_value::text), 16))::bit(64)::bigint as hash,
          array_remove(array[%1$s]::text[], null) as broken,
          array_remove(array[%2$s]::text[], null) as remarks,
          array_remove(array[%3$s]::text[], null) as orphaned
        from (
          select given_.*, given_.document::jsonb as lf_value
          from (
            select row_.source_key, row_.document::json as document%4$s
            from (select * from %5$s) as row_
            where %6$s
            -- a document is built once
            offset 0
          ) as given_
          offset 0
        ) as given_$sql$,
      string_agg(
        format('case when %s then %L end', rules.broken, rules.item ->> 'reason'), ', '
        order by rules.nth
      ) filter (where rules.item ->> 'action' = 'reject'),
      string_agg(
        format('case when %s then %L end', rules.broken, rules.item ->> 'name'), ', '
        order by rules.nth
      ) filter (where rules.item ->> 'action' = 'finding'),
      (
        select string_agg(
          format(
            'case when exists (select from jsonb_path_query(given_.lf_value, %L) as named (id)'
            ' where not exists (select from landfall.lineage'
            ' where lineage.target_key = named.id #>> ''{}'' and lineage.entity_id = %s))'
            ' then %L end',
            reference.item ->> 'jsonpath', reference.item ->> 'entityId',
            reference.item ->> 'reason'
          ),
          ', ' order by reference.nth
        )
        from jsonb_array_elements(documents_sql.shape -> 'documents' -> 'references')
          with ordinality as reference (item, nth)
      ),
      string_agg(', ' || rules.computed, '' order by rules.nth),
      documents_sql.shape ->> 'transform',
      documents_sql.predicate
    )
    from rules
  );
end
$$;

comment on function landfall.documents_sql is
$$Writes the query for the documents of a transform's rows: $1 run, $2 entity. broken lists the
reasons of rules that reject the row, remarks the names of those that only count it, orphaned what
it refers to and is not there.

The hash is of the document as jsonb writes it: keys sorted, doubled ones once.$$;


create function landfall.failing_documents(shape jsonb, entity_id int, keys text[])
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_key     text;
  v_faults  jsonb := '{}';
  v_context text;
begin
  foreach v_key in array failing_documents.keys loop
    begin
      execute format(
        'select count(row_.hash) from (%s) as row_',
        landfall.documents_sql(failing_documents.shape, 'row_.source_key = $3')
      )
      using null::bigint, failing_documents.entity_id, v_key;
    exception when others then
      get stacked diagnostics v_context = pg_exception_context;

      if not landfall.is_data_error(sqlstate, v_context) then
        raise;
      end if;

      v_faults := v_faults || jsonb_build_object(
        v_key, landfall.describe_fault(failing_documents.shape, sqlstate, sqlerrm)
      );
    end;
  end loop;

  if v_faults = '{}' then
    raise exception using
      errcode = 'LF302',
      message = format('%s fails outside its rows', failing_documents.shape ->> 'transform'),
      hint    = 'Make the conditions and joins of the view safe for every row.';
  end if;

  return v_faults;
end
$$;

comment on function landfall.failing_documents is
$$Computes documents one by one and returns those that fail, each with what Postgres raised.$$;

select landfall.close_doors();
