/*
 * What goes wrong in a store over the years, put into one that is clean.
 *
 * Reads  the functions of store.sql
 * Writes the store
 * Holds  a record has one kind of fault at most, so that what follows can be counted
 */

create temporary view kv_patches (family, fault, patch) as
values
  ('client', 'check', jsonb '{"contact_email": "accounts at example.com"}'),
  ('site', 'check', '{"selection_start_date": "2025-12-31", "selection_end_date": "2025-01-01"}'),
  ('site', 'parent', '{"client_id": "00000000-0000-4000-8000-000000000000"}'),
  ('gift', 'check', '{"price": -5}'),
  ('gift', 'cast', '{"price": "abc"}'),
  ('gift', 'parent', '{"catalogId": "00000000-0000-4000-8000-000000000000"}'),
  ('gift', 'several', '{"name": "x", "price": -5, "availableQuantity": -3}'),
  ('gift', 'number as text', '{"price": " 24.99 "}'),
  ('gift', 'emoji', '{"name": "🎄 Fête d’hiver – 冬の贈り物 ✨"}'),
  ('employee', 'check', '{"email": "n/a"}'),
  ('employee', 'cast', '{"created_at": "last spring"}'),
  ('employee', 'parent', '{"site_id": "00000000-0000-4000-8000-000000000000"}'),
  ('order', 'check', '{"total_amount": -1}'),
  ('order', 'cast', '{"created_at": "last spring"}'),
  ('order', 'parent', '{"gift_id": "00000000-0000-4000-8000-000000000000"}'),
  ('order', 'event', '{"status": "shipped", "shipped_at": null}'),
  ('order', 'e-mail', '{"customer_email": "ann.adams@mail"}'),
  ('order', 'no number', '{"order_number": ""}');


-- what a record may not share with another, taken from one of the same ten
create function pg_temp.kv_duplicate(family text, n int)
  returns jsonb
  language sql
  stable
return (
  select case family
    when 'gift' then jsonb_build_object('sku', pg_temp.kv_number('GIFT-', other))
    when 'employee' then jsonb_build_object('employee_id', pg_temp.kv_number('E', other))
    when 'order' then jsonb_build_object('order_number', pg_temp.kv_number('ORD-2025-', other))
  end
  from (values ((n - 1) / 10 * 10 + (n + 4) % 10 + 1)) as others (other)
);


create function pg_temp.kv_spoiled(family text, fault text, n int, value jsonb)
  returns jsonb
  language sql
  stable
return case fault
  when 'duplicate' then value || pg_temp.kv_duplicate(family, n)
  when 'blanks' then (
    select jsonb_object_agg(
      name,
      case when jsonb_typeof(field) = 'string' and name like '%name'
        then to_jsonb('  ' || (field #>> '{}') || E' \n') else field end
    )
    from jsonb_each(value) as fields (name, field)
  )
  when 'encoded twice' then to_jsonb(value::text)
  when 'no record' then '"deleted"'
  else value || (
    select kv_patches.patch
    from kv_patches
    where kv_patches.family = kv_spoiled.family and kv_patches.fault = kv_spoiled.fault
  )
end;


-- spoils record "first" of a family and every so-many-th from there
create function pg_temp.spoil_kv_store(
    store regclass, records int, family text, fault text, first int, every int)
  returns void
  language plpgsql
as $$
declare
  v_numbers int[] := array(
    select generate_series(spoil_kv_store.first,
      pg_temp.kv_count(spoil_kv_store.family, spoil_kv_store.records), spoil_kv_store.every)
  );
begin
  execute format(
    case spoil_kv_store.fault
      when 'missing' then $sql$
        delete from %1$s as store
        using unnest($3) as n
        where store.key = $1 || ':' || pg_temp.kv_id($1, n)
      $sql$
      when 'unlisted' then $sql$
        update %1$s as store
        set value = store.value - array(select pg_temp.kv_id($1, n)::text from unnest($3) as n)
        where store.key = rtrim($1, 's') || 's:all'
      $sql$
      else $sql$
        update %1$s as store
        set value = pg_temp.kv_spoiled($1, $2, n, store.value)
        from unnest($3) as n
        where store.key = $1 || ':' || pg_temp.kv_id($1, n)
      $sql$
    end,
    spoil_kv_store.store
  )
  using spoil_kv_store.family, spoil_kv_store.fault, v_numbers;
end
$$;


create temporary view kv_dirt as
select
  families.family,
  faults.fault,
  faults.place::int,
  cardinality(families.faults) as kinds
from (
  values
    ('client', '{check,blanks}'::text[]),
    ('catalogs', '{encoded twice}'),
    ('site', '{check,parent,blanks}'),
    ('gift', '{check,cast,duplicate,parent,several,no record,number as text,emoji,blanks,'
      'encoded twice,unlisted,missing}'),
    ('employee', '{check,cast,duplicate,parent,blanks,unlisted,missing}'),
    ('order', '{check,cast,duplicate,parent,event,e-mail,no number,blanks,unlisted,missing}')
) as families (family, faults)
cross join unnest(families.faults) with ordinality as faults (fault, place);


-- every kind of fault alike, in about a share of the records, and some keys that are no records
create function pg_temp.dirty_kv_store(store regclass, records int, share numeric)
  returns void
  language plpgsql
as $$
begin
  perform pg_temp.spoil_kv_store(
    dirty_kv_store.store, dirty_kv_store.records, kv_dirt.family, kv_dirt.fault, kv_dirt.place,
    ceil(kv_dirt.kinds / dirty_kv_store.share)::int
  )
  from kv_dirt
  where dirty_kv_store.share > 0;

  execute format(
    $sql$
      insert into %s (key, value)
      select 'session:' || pg_temp.kv_id('session', n), jsonb_build_object('userId', 'user-' || n)
      from generate_series(1, 7) as n

      union all
      values ('settings:theme', jsonb '{"primary": "#D91C81"}'), ('import:lock', 'false')
    $sql$,
    dirty_kv_store.store
  );
end
$$;
