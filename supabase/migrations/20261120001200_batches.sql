/*
 * Chapter 12: batches. An entity's source keys are cut into ranges before they are written, so
 * that progress is a count, a crash costs one batch, and two workers never meet.
 *
 * Reads  the transforms (their source keys), landfall.run_keys
 * Writes landfall.batches, landfall.run_entities
 * Holds  ranges of one run and entity do not overlap; a done batch has accounted for its rows
 */

create table landfall.batches (
  run_id        bigint      not null,
  entity_id     int         not null,
  seq           int         not null check (seq > 0),
  from_key      text        not null,
  to_key        text        not null,
  planned_rows  int         not null check (planned_rows >= 0),
  done          boolean     not null default false,
  source        int         not null default 0,
  inserted      int         not null default 0,
  updated       int         not null default 0,
  unchanged     int         not null default 0,
  rejected      int         not null default 0,
  deferred      int         not null default 0,
  findings      jsonb       not null default '{}',
  rejected_of   jsonb       not null default '{}',
  token         uuid,
  leased_until  timestamptz,
  started_at    timestamptz,
  finished_at   timestamptz,

  primary key (run_id, entity_id, seq),
  foreign key (run_id, entity_id)
    references landfall.run_entities (run_id, entity_id) on delete cascade,

  -- nothing is lost and nothing counted twice
  constraint batches_account_for_every_row
    check (source = inserted + updated + unchanged + rejected + deferred),

  -- a batch is done when it has its times
  constraint batches_done_has_times
    check (done = (started_at is not null and finished_at is not null))
);

create index on landfall.batches (run_id, entity_id, done, seq);
create index batches_under_way on landfall.batches (entity_id) where token is not null and not done;

comment on table landfall.batches is
$$Ranges of source keys, both ends included, each written in one transaction.

A batch with negative counts takes back what others had counted, before their contested rows
are decided again. There is no claimed state: a worker holds its batch by a row lock until it
commits, so a worker that dies gives it back by dying.$$;

comment on column landfall.batches.token is
$$Who writes the batch of documents, whose transaction ends before they are written elsewhere; null
in a batch of table rows, which a worker holds by a row lock.$$;
comment on column landfall.batches.leased_until is
$$When another worker may take the batch of documents, because its own seems to be gone.$$;
comment on column landfall.batches.rejected_of is
$$Rejects by tenant, where the pipeline has such: {scope: rows}.$$;


create function landfall.refuse_twice(transform text, source_key text)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  raise exception using
    errcode = 'LF303',
    message = format('%s has more than one row for a source key', transform),
    detail  = format('Source key %s occurs twice.', source_key),
    hint    = 'Make source_key unique in the view: a key names one legacy row.';
end
$$;

comment on function landfall.refuse_twice is
$$Raises LF303 for a source key that names more than one row.$$;


create function landfall.first_key(shape jsonb)
  returns text
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  v_first    text;
  v_nameless boolean;
begin
  execute format(
    $sql$
      select min(source_key), coalesce(bool_or(source_key is null), false)
      from (
        -- in whatever order is quickest
        select source_key from %s as row_ where true%s offset 0
      ) as keys
    $sql$,
    first_key.shape ->> 'transform',        -- a relation, quoted by Postgres
    landfall.scopes_sql(first_key.shape)    -- a condition, its values quoted
  )
  into v_first, v_nameless;

  if v_nameless then
    raise exception using
      errcode = 'LF303',
      message = format('%s has rows without a source key', first_key.shape ->> 'transform'),
      detail  = 'A row without a key could neither be found again nor undone.',
      hint    = 'Give every row a source_key in the view, or leave such rows out by a condition.';
  end if;

  return v_first;
end
$$;

comment on function landfall.first_key is
$$Finds the lowest source key of an entity, null when it has no rows; raises LF303 for a row without
one.

Asked for the first few rows in the order of their keys, Postgres would walk an index from its
beginning, past the rows of every other entity that is read from the same table.$$;


create function landfall.plan_batches(run_id bigint, entity_id int)
  returns boolean
  language plpgsql
  volatile
  security invoker
  set search_path = ''
  -- keys are read in their order: an index is worth it, for a part of them too
  set random_page_cost = '1.1'
as $$
declare
  -- soon enough for others to begin, and few times for many keys
  c_least    constant int := 25000;
  c_most     constant int := 1000000;
  v_run      landfall.runs;
  v_entity   landfall.run_entities;
  v_size     int;
  v_most     bigint;
  v_planned  bigint;
  v_to       text;
  v_twice    text;
begin
  select runs.* into v_run from landfall.runs where runs.id = plan_batches.run_id;

  select run_entities.*
  into v_entity
  from landfall.run_entities
  where run_entities.run_id = plan_batches.run_id
    and run_entities.entity_id = plan_batches.entity_id
  -- whoever writes a batch refers to the row
  for no key update;

  v_size := case
    -- rows that want each other's places, or refer to each other, are decided together
    when v_entity.contested is not null then 10000
    else coalesce((v_run.options ->> 'batchSize')::numeric::int, 500)
  end;
  v_most := least(
    greatest(c_least, v_size, least(c_most, 20 * v_entity.planned_rows)) / v_size * v_size,
    (v_run.options ->> 'limit')::numeric::bigint - v_entity.planned_rows
  );

  execute format(
    $sql$
      with keys as (
        select
          source_key,
          row_number() over in_order as nth,
          lag(source_key) over in_order = source_key as twice,
          lead(source_key) over in_order is null as last
        from (
          select source_key
          from %1$s
          where %3$s%2$s
          order by source_key
          limit $2
        ) as ahead
        window in_order as (order by source_key)
      ),

      bounds as materialized (
        select keys.*, (nth - 1) / $3 as part
        from keys
        where nth %% $3 in (0, 1 %% $3) or last or twice
      ),

      planned as (
        insert into landfall.batches
          (run_id, entity_id, seq, from_key, to_key, planned_rows)
        select
          $4, $5, $6 + part + 1,
          (array_agg(source_key order by nth))[1],
          (array_agg(source_key order by nth desc))[1],
          max(nth) - min(nth) + 1
        from bounds
        group by part
      )

      select
        coalesce(max(nth), 0),
        max(source_key) filter (where last),
        min(source_key) filter (where twice)
      from bounds
    $sql$,
    case
      when v_entity.by_key then format(
        '(select source_key from landfall.run_keys where run_id = %s and entity_id = %s) as keys',
        plan_batches.run_id, plan_batches.entity_id)
      else format('%s as row_', v_entity.shape ->> 'transform')
    end,    -- %1$s  a query over two numbers, or a relation quoted by Postgres
    case when not v_entity.by_key then landfall.scopes_sql(v_entity.shape) end,  -- %2$s  as above
    case
      when v_entity.planned_to is not null then 'source_key > $1'
      when v_entity.by_key then 'true'
      else format('source_key >= %L', landfall.first_key(v_entity.shape))
    end     -- %3$s  a condition, its value quoted
  )
  into v_planned, v_to, v_twice
  using
    v_entity.planned_to, v_most, v_size, plan_batches.run_id, plan_batches.entity_id,
    (
      select coalesce(max(batches.seq), 0)
      from landfall.batches
      where batches.run_id = plan_batches.run_id
        and batches.entity_id = plan_batches.entity_id
    );

  if v_twice is not null then
    perform landfall.refuse_twice(v_entity.shape ->> 'transform', v_twice);
  end if;

  update landfall.run_entities
  set
    planned_to = coalesce(v_to, planned_to),
    planned_rows = planned_rows + v_planned,
    expected_rows = case
      -- rows taken back are not new rows
      when contested is null then greatest(expected_rows, planned_rows + v_planned)
      else expected_rows
    end
  where run_entities.run_id = plan_batches.run_id
    and run_entities.entity_id = plan_batches.entity_id;

  return v_planned < v_most
    or v_planned = (v_run.options ->> 'limit')::numeric::bigint - v_entity.planned_rows;
end
$$;

comment on function landfall.plan_batches is
$$Cuts the next stretch of an entity's source keys into batches; true when no key is left.

The first is 25,000 keys (or one batch), each other twenty times all before, up to a million: others
write what is planned meanwhile. Raises LF303 when a source key is missing or not unique.$$;

select landfall.close_doors();
