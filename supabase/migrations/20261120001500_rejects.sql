/*
 * Chapter 15: rejects, deferred rows, findings. What did not become a target row, and why.
 *
 * Reads  shapes
 * Writes landfall.rejects, landfall.deferred, landfall.findings, landfall.flagged
 * Holds  a reject has at least one reason; a deferred row says what it waits for
 */

create table landfall.rejects (
  run_id      bigint      not null references landfall.runs (id) on delete cascade,
  entity_id   int         not null references landfall.entities (id) on delete cascade,
  source_key  text        not null,
  target_key  text,
  reasons     text[]      not null,
  details     text[]      not null default '{}',
  source_row  jsonb,
  scope_key   text,
  contested   boolean     not null default false,
  settled_by  bigint,
  created_at  timestamptz not null default clock_timestamp(),

  primary key (run_id, entity_id, source_key),

  -- nothing is rejected without a word
  constraint rejects_have_reasons check (cardinality(reasons) > 0)
);

create index rejects_open on landfall.rejects (entity_id, source_key) where settled_by is null;

comment on table landfall.rejects is
$$Source rows that a run could not migrate, each with every reason and the legacy row.$$;
comment on column landfall.rejects.reasons is
$$Sentences without row values, so that they can be counted.$$;
comment on column landfall.rejects.details is
$$What Postgres said, values included.$$;
comment on column landfall.rejects.source_row is
$$The legacy row untouched, less the entity's secret fields.$$;
comment on column landfall.rejects.scope_key is
$$The tenant whose row it is; null where the pipeline has none.$$;
comment on column landfall.rejects.contested is
$$Nothing is wrong with the row itself: another row took its place, or the row of its own table
that it refers to was not there yet. The run looks at these again before it closes the entity.$$;
comment on column landfall.rejects.settled_by is
$$The later run that took the row again, with whatever result; null while the reject is open.$$;


create table landfall.deferred (
  entity_id    int         not null references landfall.entities (id) on delete cascade,
  source_key   text        not null,
  run_id       bigint      not null,
  waiting_for  text        not null,
  amounts      jsonb,
  scope_key    text,
  since        timestamptz not null default clock_timestamp(),
  settled_by   bigint,

  primary key (entity_id, source_key)
);

create index on landfall.deferred (waiting_for) where settled_by is null;

comment on table landfall.deferred is
$$Source rows that wait, each with what it waits for.$$;
comment on column landfall.deferred.run_id is
$$The run that set the row aside first.$$;
comment on column landfall.deferred.amounts is
$$The row's values in the columns its entity sums, so that what waits can be added up.$$;
comment on column landfall.deferred.scope_key is
$$The tenant whose row it is; null where the pipeline has none.$$;
comment on column landfall.deferred.settled_by is
$$The later run for which the row no longer waited; null while it waits.$$;


create table landfall.findings (
  run_id     bigint not null,
  entity_id  int    not null,
  name       text   not null,
  count      bigint not null,
  sample     text[] not null,

  primary key (run_id, entity_id, name),
  foreign key (run_id, entity_id)
    references landfall.run_entities (run_id, entity_id) on delete cascade
);

comment on table landfall.findings is
$$What the rules that look at the whole set found, counted once, when the entity is done.

Findings about single rows are counted with their batch.$$;


create table landfall.flagged (
  run_id      bigint not null,
  entity_id   int    not null,
  source_key  text   not null,
  rule        text   not null,

  primary key (run_id, entity_id, source_key, rule),
  foreign key (run_id, entity_id)
    references landfall.run_entities (run_id, entity_id) on delete cascade
);

comment on table landfall.flagged is
$$Source keys that a rule with a query rejects in a run.$$;


create function landfall.plain_reason(sqlstate text, message text)
  returns text
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return case
    when left(plain_reason.sqlstate, 2) = '22'
      then regexp_replace(
        regexp_replace(plain_reason.message, ': "(.|\n)*$', ''), '"[^"]*" ', '', 'g'
      )
    else left(plain_reason.message, 200)
  end;
end
$$;

comment on function landfall.plain_reason is
$$Takes the row's value out of what Postgres says of it, so that equal faults count as one.$$;


create function landfall.has_open(entity_id int, from_key text, to_key text)
  returns boolean
  language plpgsql
  stable
  security invoker
  set search_path = ''
  -- the tables grow while a session asks
  set plan_cache_mode = 'force_custom_plan'
as $$
begin
  return exists (
    select
    from landfall.deferred
    where deferred.entity_id = has_open.entity_id
      and deferred.source_key between has_open.from_key and has_open.to_key
      and deferred.settled_by is null
  ) or exists (
    select
    from landfall.rejects
    where rejects.entity_id = has_open.entity_id
      and rejects.source_key between has_open.from_key and has_open.to_key
      and rejects.settled_by is null
  );
end
$$;

comment on function landfall.has_open is
$$Whether a row between two source keys waits, or is rejected still.$$;


create function landfall.findings_sql(shape jsonb)
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
        $part$ || jsonb_build_object(%1$L, jsonb_build_object(
    'count', count(*) filter (where %2$I is false),
    'sample', to_jsonb(array(
      select key from unnest(array_agg(lf_key) filter (where %2$I is false)) as keys (key)
      order by key limit 5
    ))
  ))$part$,
        rules ->> 'name', rules ->> 'column'
      ), ''
    )
    from jsonb_array_elements(findings_sql.shape -> 'rules') as rules
    where rules ->> 'action' = 'finding'
      and rules ->> 'condition' is not null
      -- rows that are decided again have been remarked on before
      and not coalesce((findings_sql.shape ->> 'inOrder')::boolean, false)
  );
end
$$;

comment on function landfall.findings_sql is
$$Writes how a batch's findings about single rows are counted.$$;


create function landfall.add_counts(one jsonb, other jsonb)
  returns jsonb
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return (
    select jsonb_object_agg(
      counts.name,
      coalesce((one ->> counts.name)::int, 0) + coalesce((other ->> counts.name)::int, 0)
    ) || jsonb_build_object('findings', coalesce(
      (
        select jsonb_object_agg(
          names.name,
          jsonb_build_object(
            'count', coalesce((one #>> array['findings', names.name, 'count'])::int, 0)
              + coalesce((other #>> array['findings', names.name, 'count'])::int, 0),
            'sample', to_jsonb(array(
              select keys.key
              from jsonb_array_elements_text(
                coalesce(one #> array['findings', names.name, 'sample'], '[]')
                  || coalesce(other #> array['findings', names.name, 'sample'], '[]')
              ) as keys (key)
              order by keys.key
              limit 5
            ))
          )
        )
        from jsonb_object_keys(
          coalesce(one -> 'findings', '{}') || coalesce(other -> 'findings', '{}')
        ) as names (name)
      ),
      '{}'
    ))
    from unnest(array['source', 'inserted', 'updated', 'unchanged', 'rejected', 'deferred'])
      as counts (name)
  );
end
$$;

comment on function landfall.add_counts is
$$Adds the counts and findings of two parts of a batch.$$;

select landfall.close_doors();
