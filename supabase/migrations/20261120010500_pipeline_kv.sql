/*
 * Pipeline kv: its entities, its rules, and what it remarks about the store.
 *
 * Reads  the transforms of kv
 * Writes landfall.pipelines, entities, rules
 * Holds  every key of the store is a record, a list, or counted as unclaimed
 */

create view transform.kv_families
  with (security_invoker = true)
as
select entity, prefix, list
from (
  values
    ('clients', 'client:', 'clients:all'),
    ('catalogs', 'catalogs:', 'catalogs:all'),
    ('sites', 'site:', 'sites:all'),
    ('products', 'gift:', 'gifts:all'),
    ('employees', 'employee:', 'employees:all'),
    ('orders', 'order:', 'orders:all')
) as families (entity, prefix, list);

comment on view transform.kv_families is
$$The key prefix of each entity's records, and the key of the list of their ids.$$;


create view transform.kv_listed
  with (security_invoker = true)
as
select
  kv_families.entity,
  kv_families.prefix || ids.id as source_key
from transform.kv_families
join transform.kv_source on kv_source.key = kv_families.list
-- not by kv_records: a record that cannot be decoded is no reason not to read the lists
cross join lateral (
  select
    case jsonb_typeof(kv_source.value)
      when 'string' then landfall.json_or_null(kv_source.value #>> '{}')
      else kv_source.value
    end as ids
  offset 0
) as lists
cross join lateral jsonb_array_elements_text(
  case jsonb_typeof(lists.ids) when 'array' then lists.ids else '[]' end
) as ids (id)
where ids.id is not null;

comment on view transform.kv_listed is
$$The keys that the store's lists say there are.$$;


create view transform.kv_missing
  with (security_invoker = true)
as
select
  kv_listed.entity,
  kv_listed.source_key
from transform.kv_listed
-- all keys at once: offset keeps the step apart from lists of which Postgres expects a hundred ids
left join (select key from transform.kv_source offset 0) as records
  on records.key = kv_listed.source_key
where records.key is null;

comment on view transform.kv_missing is
$$Ids that stand in a list without a record.$$;


create view transform.kv_unlisted
  with (security_invoker = true)
as
select
  kv_families.entity,
  kv_source.key as source_key
from transform.kv_families
join transform.kv_source
  on kv_source.key like kv_families.prefix || '%'
  and kv_source.key <> kv_families.list
left join transform.kv_listed
  on kv_listed.entity = kv_families.entity
  and kv_listed.source_key = kv_source.key
where kv_listed.source_key is null;

comment on view transform.kv_unlisted is
$$Records that stand in no list: to the app they are deleted.$$;


create view transform.kv_unclaimed
  with (security_invoker = true)
as
select kv_source.key as source_key
from transform.kv_source
where left(kv_source.key, strpos(kv_source.key, ':')) not in (
  select kv_families.prefix from transform.kv_families
)
  and kv_source.key not in (select kv_families.list from transform.kv_families);

comment on view transform.kv_unclaimed is
$$Keys that are neither a record nor a list of this pipeline: they stay where they are.$$;


select landfall.define_pipeline(
  name => 'kv',
  description => 'A key-value store becomes six tables',
  source => 'transform.kv_source',
  source_pattern => '^kv_store_[0-9a-f]{8}$'
);

select landfall.define_entity(
  pipeline => 'kv', name => entity, target => 'public.' || entity, self_contained => true
)
from transform.kv_families;

select landfall.define_rule(
  pipeline => 'kv', entity => entity, name => 'is_a_record', action => 'reject',
  reason => 'the value is not a record',
  condition => $$
    jsonb_typeof(source_row) = 'object'
    or (jsonb_typeof(source_row) = 'string' and source_row #>> '{}' ~ '^\s*{')
  $$
)
from transform.kv_families;

select landfall.define_rule(
  pipeline => 'kv', entity => entity, name => 'other_id', action => 'finding',
  reason => 'the id in the value is not the one in the key, which was taken',
  condition => $$lower(source_row ->> 'id') = split_part(source_key, ':', 2)$$
)
from transform.kv_families;

select landfall.define_rule(
  pipeline => 'kv', entity => entity, name => 'missing', action => 'finding',
  reason => 'an id stands in the list without a record',
  query => format('select source_key from transform.kv_missing where entity = %L', entity)
)
from transform.kv_families;

select landfall.define_rule(
  pipeline => 'kv', entity => entity, name => 'unlisted', action => 'finding',
  reason => 'a record stands in no list',
  query => format('select source_key from transform.kv_unlisted where entity = %L', entity)
)
from transform.kv_families;

select landfall.define_rule(
  pipeline => 'kv', entity => 'clients', name => 'unclaimed', action => 'finding',
  reason => 'a key of the store belongs to no table of this pipeline',
  query => 'select source_key from transform.kv_unclaimed'
);

select landfall.close_doors();
