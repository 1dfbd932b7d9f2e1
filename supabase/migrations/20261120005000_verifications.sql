/*
 * Chapter 50: verifications. A verification goes through a pipeline, or through what one run has
 * written, range by range; how far it is and what it has found is kept.
 *
 * Reads  landfall.pipelines, runs, lineage
 * Writes landfall.verifications, verified_entities, verified_ranges, differences, the staged parts
 * Holds  whoever does not see all rows is refused
 */

create table landfall.verifications (
  id            bigint      not null generated always as identity primary key,
  pipeline      text        not null references landfall.pipelines (name) on delete cascade,
  run_id        bigint      references landfall.runs (id) on delete cascade,
  options       jsonb       not null,
  runs          jsonb       not null,
  requested_by  text        not null,
  started_at    timestamptz not null default clock_timestamp(),
  finished_at   timestamptz
);

create index on landfall.verifications (pipeline, id);
create index on landfall.verifications (run_id);

comment on table landfall.verifications is
$$Comparisons of source and target, of a whole pipeline or of one run.$$;
comment on column landfall.verifications.runs is
$$The pipeline's runs and where they stood: when they stand elsewhere in the end, what was compared
is not of one time.$$;


create table landfall.verified_entities (
  verification_id  bigint      not null references landfall.verifications (id) on delete cascade,
  entity_id        int         not null references landfall.entities (id) on delete cascade,
  place            int         not null,
  phase            text        not null default 'rows',
  shape            jsonb,
  verified_to      text,
  expected         bigint      not null,
  source           bigint      not null default 0,
  migrated         bigint      not null default 0,
  rejected         bigint      not null default 0,
  deferred         bigint      not null default 0,
  kept             bigint      not null default 0,
  rewritten        bigint      not null default 0,
  unknown          bigint      not null default 0,
  sums             jsonb       not null default '{}',
  started_at       timestamptz,
  finished_at      timestamptz,

  primary key (verification_id, entity_id),

  constraint verified_entities_phase_is_known check (phase in ('rows', 'ranges', 'table', 'done'))
);

create index on landfall.verified_entities (entity_id);

comment on table landfall.verified_entities is
$$How far a verification is with each entity, and what it has counted. In phase rows the source is
cut into ranges, in phase ranges these are compared, in phase table the target as a whole.$$;
comment on column landfall.verified_entities.shape is
$$What the comparison knows of the entity, derived when its first range is cut.$$;
comment on column landfall.verified_entities.verified_to is
$$The last source key that was cut into ranges; of documents, the last that was compared.$$;
comment on column landfall.verified_entities.kept is
$$Target rows that were there before and were left as they were: they are not compared.$$;
comment on column landfall.verified_entities.rewritten is
$$Rows that stand as they were written, though the target's triggers changed what was given.$$;
comment on column landfall.verified_entities.unknown is
$$Target rows that no lineage knows.$$;
comment on column landfall.verified_entities.sums is
$${column: [sum given, sum stored]} over the migrated rows.$$;


create table landfall.verified_ranges (
  verification_id  bigint not null,
  entity_id        int    not null,
  nth              int    not null,
  after_key        text,
  to_key           text,
  counts           jsonb,

  primary key (verification_id, entity_id, nth),
  foreign key (verification_id, entity_id)
    references landfall.verified_entities (verification_id, entity_id) on delete cascade
);

comment on table landfall.verified_ranges is
$$Ranges of source keys, each compared by one worker; gone when all of their entity are counted.$$;
comment on column landfall.verified_ranges.to_key is
$$The range's last key; null for the one that goes on to the end.$$;
comment on column landfall.verified_ranges.counts is
$$What was counted and found; null until the range is compared.$$;


create table landfall.differences (
  verification_id  bigint not null,
  entity_id        int    not null,
  kind             text   not null,
  name             text   not null,
  count            bigint not null,
  sample           jsonb  not null,

  primary key (verification_id, entity_id, kind, name),
  foreign key (verification_id, entity_id)
    references landfall.verified_entities (verification_id, entity_id) on delete cascade
);

comment on table landfall.differences is
$$What a verification found, by kind and column, with samples: keys and both values.$$;


create function landfall.first_samples(verification_id bigint, samples jsonb)
  returns jsonb
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select jsonb_path_query_array(first_samples.samples, '$[0 to $last]', jsonb_build_object(
      'last', coalesce((verifications.options ->> 'samples')::int, 5) - 1
    ))
    from landfall.verifications
    where verifications.id = first_samples.verification_id
  );
end
$$;

comment on function landfall.first_samples is
$$Cuts a list of samples off at the number that was asked for.$$;


create function landfall.add_differences(verification_id bigint, entity_id int, found jsonb)
  returns void
  language sql
  volatile
  security invoker
  set search_path = ''
as $$
  insert into landfall.differences as known (verification_id, entity_id, kind, name, count, sample)
  select
    add_differences.verification_id, add_differences.entity_id,
    item ->> 'kind', item ->> 'name', sum((item ->> 'count')::bigint),
    landfall.first_samples(
      add_differences.verification_id,
      jsonb_path_query_array(jsonb_agg(item -> 'sample' order by nth), '$[*][*]')
    )
  from jsonb_array_elements(add_differences.found) with ordinality as found (item, nth)
  where (item ->> 'count')::bigint > 0
  group by item ->> 'kind', item ->> 'name'
  on conflict on constraint differences_pkey do update
  set
    count = known.count + excluded.count,
    sample = landfall.first_samples(known.verification_id, known.sample || excluded.sample)
$$;

comment on function landfall.add_differences is
$$Adds what was found to what is known, samples up to the number asked for.$$;


create function landfall.standing_runs(pipeline text)
  returns jsonb
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select coalesce(
    jsonb_object_agg(runs.id, concat_ws(' ', runs.state, runs.rollback ->> 'startedAt')), '{}'
  )
  from landfall.runs
  where runs.pipeline = standing_runs.pipeline
    and runs.state <> 'planned'
$$;

comment on function landfall.standing_runs is
$$Tells where the runs of a pipeline stand: {run: state}.$$;


create function landfall.start_verification(
  pipeline text default null,
  run_id bigint default null,
  options jsonb default '{}'
)
  returns jsonb
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  set statement_timeout = '120s'
as $$
declare
  v_options  constant jsonb := coalesce(start_verification.options, '{}');
  v_pipeline text := start_verification.pipeline;
  v_run      landfall.runs;
  v_id       bigint;
  v_entity   landfall.entities;
begin
  if start_verification.run_id is not null then
    perform landfall.check_standing(start_verification.run_id);
    select runs.* into v_run from landfall.runs where runs.id = start_verification.run_id;
    v_pipeline := v_run.pipeline;
  end if;

  perform landfall.check_pipeline(v_pipeline);
  perform landfall.check_verification(v_pipeline, v_options);
  perform landfall.stage_parts(v_pipeline);

  insert into landfall.verifications (pipeline, run_id, options, runs, requested_by)
  values (
    v_pipeline, v_run.id, v_options, landfall.standing_runs(v_pipeline),
    coalesce(v_options ->> 'requestedBy', current_user)
  )
  returning id into v_id;

  insert into landfall.verified_entities (verification_id, entity_id, place, expected)
  select
    v_id, places.entity_id, places.place,
    (
      select count(*)
      from landfall.lineage
      where lineage.entity_id = places.entity_id
        and (v_run.id is null or lineage.run_id = v_run.id)
        and (not v_options ? 'sourceCompany' or v_options -> 'sourceCompany' ? lineage.scope_key)
    )
  from landfall.entity_order(v_pipeline) as places
  join landfall.entities on entities.id = places.entity_id
  left join landfall.run_entities
    on run_entities.run_id = v_run.id
    and run_entities.entity_id = places.entity_id
  where (v_run.id is null or run_entities.run_id is not null)
    and (not v_options ? 'tables' or v_options -> 'tables' ? entities.name);

  for v_entity in
    select entities.*
    from landfall.verified_entities
    join landfall.entities on entities.id = verified_entities.entity_id
    where verified_entities.verification_id = v_id
  loop
    perform landfall.check_sight(v_entity);
  end loop;

  return landfall.verification_report(v_id);
end
$$;

comment on function landfall.start_verification is
$$Starts to verify a pipeline, or what one run has written, and returns the report;
landfall.advance_verification does the work.

Options: tables, the entities to verify; sourceCompany, the tenants; samples, how many differences
of a kind to show, 5 unless said; allowUnknown counts target rows that no lineage knows, and takes
them for no difference. Raises LF101, LF106, LF201, LF203, LF204, LF210, LF213, LF501; where parts
cannot be staged, LF302 or LF303.$$;

select landfall.close_doors();
