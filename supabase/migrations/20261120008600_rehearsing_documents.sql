/*
 * Chapter 86: rehearsing documents. A dry run of documents: what Postgres can say without the
 * documents that are there, and the list of those to look at.
 *
 * Reads  the transforms, landfall.lineage
 * Writes nothing that stays
 * Holds  a dry run is the real run, always rolled back
 */

create function landfall.rehearse_batches(run_id bigint)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_taken json;
  v_known json;
begin
  loop
    v_taken := landfall.take_documents(rehearse_batches.run_id);

    if v_taken -> 'batch' ->> 'seq' is not null then
      select json_agg(item -> 'sourceKey')
      into v_known
      from json_array_elements(v_taken -> 'batch' -> 'operations') as item
      where (item ->> 'known')::boolean;

      perform landfall.settle_documents(
        rehearse_batches.run_id, (v_taken -> 'batch' ->> 'entityId')::int,
        (v_taken -> 'batch' ->> 'seq')::int, (v_taken -> 'batch' ->> 'token')::uuid,
        jsonb_build_object(
          'updated', coalesce(v_known, '[]'), 'kept', '[]'::jsonb, 'rejected', '[]'::jsonb
        )
      );
    elsif v_taken -> 'prune' ->> 'entityId' is not null then
      perform landfall.note_pruned(
        rehearse_batches.run_id, (v_taken -> 'prune' ->> 'entityId')::int,
        (v_taken -> 'prune' -> 'operations')::jsonb
      );
      perform landfall.settle_pruned(
        rehearse_batches.run_id, (v_taken -> 'prune' ->> 'entityId')::int,
        jsonb_build_object(
          'deleted', (
            select coalesce(json_agg(item -> 'sourceKey'), '[]')
            from json_array_elements(v_taken -> 'prune' -> 'operations') as item
            where not (item ->> 'adopted')::boolean
          ),
          'gone', '[]'::jsonb,
          'left', (
            select coalesce(json_agg(json_build_object(
              'sourceKey', item -> 'sourceKey', 'id', item -> 'id',
              'reason', 'it was there before it was migrated'
            )), '[]')
            from json_array_elements(v_taken -> 'prune' -> 'operations') as item
            where (item ->> 'adopted')::boolean
          )
        )
      );
    else
      exit when v_taken ->> 'state' <> 'running' or (v_taken ->> 'idle')::boolean;
    end if;
  end loop;
end
$$;

comment on function landfall.rehearse_batches is
$$Does all batches of a run as if every document were written, and all that vanished were
deleted.$$;


create function landfall.rehearse_export(pipeline text, options jsonb default '{}')
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set statement_timeout = '140s'
as $$
declare
  v_id      bigint;
  v_report  jsonb;
begin
  perform landfall.check_pipeline(rehearse_export.pipeline);
  perform landfall.check_kind(rehearse_export.pipeline, documents => true);

  begin
    v_id := landfall.open_run(
      rehearse_export.pipeline, coalesce(rehearse_export.options, '{}'), rehearsal => true
    );

    perform landfall.rehearse_batches(v_id);
    v_report := landfall.run_report(v_id);

    raise exception using errcode = 'LFEND', message = 'The dry run ends here';
  exception when sqlstate 'LFEND' then
    -- everything but the report is undone
    null;
  end;

  return v_report || jsonb_build_object('estimatedMs', v_report -> 'durationMs');
end
$$;

comment on function landfall.rehearse_export is
$$Does the whole export but for the documents themselves, undoes it, and returns the report.

Nothing is known of what is in the collections: landfall.documents_to_look_at lists what to
compare.$$;

select landfall.close_doors();
