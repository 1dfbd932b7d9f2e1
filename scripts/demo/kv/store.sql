/*
 * A key-value store as an app leaves it, made by counting: record n of a family is the same on
 * every machine and in every run.
 *
 * Reads  nothing
 * Writes the table it is given, which has key text primary key and value jsonb
 * Holds  ids scatter, so records come in an order that is not the order of their keys; everything
 *        here is temporary and ends with the session
 */

create function pg_temp.kv_count(family text, records int)
  returns int
  language sql
  immutable
return greatest(1, case family
  when 'client' then records / 200
  when 'catalogs' then records / 400
  when 'site' then records / 100
  when 'gift' then records / 2
  when 'employee' then records / 5
  -- what is left, less the six lists
  else records - records / 200 - records / 400 - records / 100 - records / 2 - records / 5 - 6
end);


create function pg_temp.kv_id(family text, n int)
  returns uuid
  language sql
  immutable
return md5(family || n)::uuid;


create function pg_temp.kv_number(prefix text, n int)
  returns text
  language sql
  immutable
return prefix || lpad(n::text, 7, '0');


-- one of some words, in turn
create function pg_temp.kv_pick(words text[], n int)
  returns text
  language sql
  immutable
return words[n % cardinality(words) + 1];


-- a time of day in 2024 or 2025, written as JavaScript does
create function pg_temp.kv_time(n int, plus_days int default 0)
  returns text
  language sql
  stable
return to_char(
  timestamp '2024-01-01' + make_interval(
    days => n * 37 % 700 + plus_days, hours => n % 24, mins => n * 7 % 60, secs => n * 11 % 60),
  'YYYY-MM-DD"T"HH24:MI:SS".000Z"'
);


create function pg_temp.kv_client(n int)
  returns jsonb
  language sql
  stable
return jsonb_build_object(
  'id', pg_temp.kv_id('client', n),
  'name', pg_temp.kv_pick('{Northwind,Contoso,Österberg,Tailspin,Lucerne,"Nørd & Søn",Citrus}', n)
    || ' ' || pg_temp.kv_pick('{Group,Ltd,GmbH,Inc,AB,S.A.,Partners}', n) || ' ' || n,
  'contact_email', 'gifts@client-' || n || '.example.com',
  'status', case when n % 12 = 0 then 'inactive' else 'active' end,
  'client_code', pg_temp.kv_number('C', n),
  'client_region', pg_temp.kv_pick('{EMEA,AMER,APAC}', n),
  'client_contact_name', pg_temp.kv_pick('{"Zoë Klein","José Ruiz","Ann Lee","Łucja Nowak"}', n),
  'client_contact_phone', '+1 555 01' || lpad((n % 100)::text, 2, '0'),
  'client_tax_id', 'TAX' || lpad((n * 7919::bigint % 1000000)::text, 6, '0'),
  'client_address_line_1', n || ' Harbour Street',
  'client_address_line_2', '',
  'client_city', pg_temp.kv_pick('{Zürich,Malmö,Lyon,Osaka,Austin,Kraków}', n),
  'client_postal_code', lpad((n * 31 % 100000)::text, 5, '0'),
  'client_country', pg_temp.kv_pick('{CH,SE,FR,JP,US,PL}', n),
  'client_account_manager', pg_temp.kv_pick('{"Ida Berg","Tom Ash","Mei Tan"}', n),
  'client_account_manager_email', pg_temp.kv_pick('{ida,tom,mei}', n) || '@gifts.example.com',
  'client_url', 'https://client-' || n || '.example.com',
  'client_allow_session_timeout_extend', n % 2 = 0,
  'client_has_employee_data', true,
  'client_invoice_type', pg_temp.kv_pick('{monthly,"per order"}', n),
  'client_hris_system', pg_temp.kv_pick('{Workday,BambooHR,SAP}', n),
  'created_at', pg_temp.kv_time(n),
  'updated_at', pg_temp.kv_time(n, 9)
);


create function pg_temp.kv_catalog(n int)
  returns jsonb
  language sql
  stable
return jsonb_build_object(
  'id', pg_temp.kv_id('catalogs', n),
  'name', pg_temp.kv_pick('{Anniversary,Welcome,Holiday,Thank-you}', n) || ' gifts ' || n,
  'description', 'Chosen for every taste and budget.',
  'type', pg_temp.kv_pick('{erp,manual,vendor,dropship}', n),
  'status', pg_temp.kv_pick('{active,active,draft,syncing}', n),
  'source', jsonb_build_object('type', 'api', 'vendor', 'Vendor ' || n % 9, 'syncEveryHours', 24),
  'settings', jsonb_build_object('showPrices', n % 2 = 0, 'currency', 'USD'),
  'managedBy', pg_temp.kv_pick('{"Ida Berg","Tom Ash","Mei Tan"}', n),
  'ownerId', pg_temp.kv_id('owner', n % 5),
  'totalProducts', 200,
  'activeProducts', 150,
  'lastSyncedAt', pg_temp.kv_time(n, 5),
  'createdAt', pg_temp.kv_time(n),
  'updatedAt', pg_temp.kv_time(n, 5)
);


create function pg_temp.kv_site(n int, records int)
  returns jsonb
  language sql
  stable
return jsonb_build_object(
  'id', pg_temp.kv_id('site', n),
  'client_id', pg_temp.kv_id('client', (n - 1) % pg_temp.kv_count('client', records) + 1),
  'catalog_id', pg_temp.kv_id('catalogs', (n - 1) % pg_temp.kv_count('catalogs', records) + 1),
  'name', pg_temp.kv_pick('{"Years of service","New hires","Winter gifts"}', n) || ' ' || n,
  'slug', 'site-' || n,
  'status', pg_temp.kv_pick('{active,active,draft,inactive}', n),
  'validation_methods', '["email", "serialCard"]'::jsonb,
  'branding', jsonb_build_object('primaryColor', '#D91C81', 'logo', null, 'tagline', 'Merci ❤'),
  'selection_start_date', left(pg_temp.kv_time(n), 10),
  'selection_end_date', left(pg_temp.kv_time(n, 60), 10),
  'site_code', pg_temp.kv_number('S', n),
  'site_ship_from_country', pg_temp.kv_pick('{US,NL,SG}', n),
  'site_celebrations_enabled', n % 3 = 0,
  'allow_session_timeout_extend', true,
  'enable_employee_log_report', false,
  'disable_direct_access_auth', n % 5 = 0,
  'created_at', pg_temp.kv_time(n),
  'updated_at', pg_temp.kv_time(n, 3)
);


-- ten in a row share a catalog; catalog 1 has more than a thousand of ten thousand
create function pg_temp.kv_product(n int, records int)
  returns jsonb
  language sql
  stable
return jsonb_build_object(
  'id', pg_temp.kv_id('gift', n),
  'catalogId', pg_temp.kv_id('catalogs', case (n - 1) / 10 % 11
    when 0 then 1
    else (n - 1) / 10 % pg_temp.kv_count('catalogs', records) + 1
  end),
  'sku', pg_temp.kv_number('GIFT-', n),
  'name', pg_temp.kv_pick('{Walnut,Linen,Copper,Ceramic,Leather,Merino,Bamboo,Marble,Cork,Oak}', n)
    || ' ' || pg_temp.kv_pick('{Desk,Travel,Kitchen,Garden,Café,Reading,Picnic,Bedside}', n / 3)
    || ' ' || pg_temp.kv_pick('{Lamp,Set,Clock,Blanket,Bag,Tray,Kettle,Vase,Frame}', n / 7)
    || ' ' || n % 1000,
  'description', 'Made by hand in a small workshop from materials that age well, packed in a box '
    || 'that is fit to give. Every piece differs a little from the next in grain and colour, which '
    || 'is how you know that it is real. Cared for, it lasts for decades. 🎁',
  'category', pg_temp.kv_pick('{Home,Travel,Kitchen,Office,Wellness,Outdoor,Electronics,Food}', n),
  'brand', pg_temp.kv_pick('{Lumi,Hjem,Forma,Kintsu,Ardea,Ostra}', n / 2),
  'price', (n * 13 % 49000 + 999) * 0.01,
  'cost', (n * 13 % 49000 + 999) / 2 * 0.01,
  'msrp', (n * 13 % 49000 + 2999) * 0.01,
  'currency', 'USD',
  'imageUrl', 'https://cdn.example.com/gifts/' || n || '/front.jpg',
  'images', jsonb_build_array(
    'https://cdn.example.com/gifts/' || n || '/front.jpg',
    'https://cdn.example.com/gifts/' || n || '/side.jpg'),
  'features', '["Comes gift wrapped", "Two years of warranty", "Carbon neutral shipping"]'::jsonb,
  'specifications', jsonb_build_object('weight', (n % 40 + 1) * 0.1 || ' kg', 'origin', 'Portugal'),
  'availableQuantity', n * 17 % 500,
  'trackInventory', true,
  'status', pg_temp.kv_pick('{active,active,active,active,inactive,out_of_stock}', n),
  'source', jsonb_build_object(
    'externalId', 'ext-' || n, 'externalSku', 'V-' || n, 'syncStatus', 'synced'),
  'createdAt', pg_temp.kv_time(n),
  'updatedAt', pg_temp.kv_time(n, 20)
);


create function pg_temp.kv_first_name(n int)
  returns text
  language sql
  immutable
return pg_temp.kv_pick('{Ann,Ben,Chloé,Dai,Eva,Finn,Gülşen,Hugo,Inès,美咲}', n);


create function pg_temp.kv_last_name(n int)
  returns text
  language sql
  immutable
return pg_temp.kv_pick('{Adams,Brandt,Costa,Dubois,Eriksson,Fischer,García,Horváth}', n / 3);


-- ten in a row share a site
create function pg_temp.kv_employee(n int, records int)
  returns jsonb
  language sql
  stable
return jsonb_build_object(
  'id', pg_temp.kv_id('employee', n),
  'site_id', pg_temp.kv_id('site', (n - 1) / 10 % pg_temp.kv_count('site', records) + 1),
  'employee_id', pg_temp.kv_number('E', n),
  'email', 'person.' || n || '@mail.example.com',
  'serial_card_number', lpad((n * 104729::bigint % 10000000000)::text, 10, '0'),
  'first_name', pg_temp.kv_first_name(n),
  'last_name', pg_temp.kv_last_name(n),
  'status', case when n % 15 = 0 then 'inactive' else 'active' end,
  'created_at', pg_temp.kv_time(n),
  'updated_at', pg_temp.kv_time(n, 2)
);


create function pg_temp.kv_order(n int, site int, employee int, records int)
  returns jsonb
  language sql
  stable
return jsonb_build_object(
  'id', pg_temp.kv_id('order', n),
  'client_id', pg_temp.kv_id('client', (site - 1) % pg_temp.kv_count('client', records) + 1),
  'site_id', pg_temp.kv_id('site', site),
  'employee_id', pg_temp.kv_id('employee', employee),
  'gift_id', pg_temp.kv_id('gift',
    (n * 7919::bigint % pg_temp.kv_count('gift', records))::int + 1),
  'order_number', pg_temp.kv_number('ORD-2025-', n),
  'customer_name', pg_temp.kv_first_name(employee) || ' ' || pg_temp.kv_last_name(employee),
  'customer_email', 'person.' || employee || '@mail.example.com',
  'customer_employee_id', pg_temp.kv_number('E', employee),
  'status', pg_temp.kv_pick('{pending,confirmed,shipped,delivered,delivered}', n),
  'total_amount', (n * 13 % 49000 + 999) * 0.01,
  'currency', 'USD',
  'shipping_address', jsonb_build_object(
    'line1', n % 900 || ' Elm Street', 'city', 'Springfield', 'postalCode', '01' || n % 900),
  'items', jsonb_build_array(jsonb_build_object('quantity', 1, 'giftWrap', n % 2 = 0)),
  'created_at', pg_temp.kv_time(n),
  'updated_at', pg_temp.kv_time(n, 8),
  'confirmed_at', case when n % 5 > 0 then pg_temp.kv_time(n, 1) end,
  'shipped_at', case when n % 5 > 1 then pg_temp.kv_time(n, 3) end,
  'delivered_at', case when n % 5 > 2 then pg_temp.kv_time(n, 8) end
);


create function pg_temp.kv_records(records int)
  returns table (family text, n int, value jsonb)
  language sql
  stable
as $$
  select 'client', n, pg_temp.kv_client(n)
  from generate_series(1, pg_temp.kv_count('client', records)) as n

  union all
  select 'catalogs', n, pg_temp.kv_catalog(n)
  from generate_series(1, pg_temp.kv_count('catalogs', records)) as n

  union all
  select 'site', n, pg_temp.kv_site(n, records)
  from generate_series(1, pg_temp.kv_count('site', records)) as n

  union all
  select 'gift', n, pg_temp.kv_product(n, records)
  from generate_series(1, pg_temp.kv_count('gift', records)) as n

  union all
  select 'employee', n, pg_temp.kv_employee(n, records)
  from generate_series(1, pg_temp.kv_count('employee', records)) as n

  union all
  select 'order', n, pg_temp.kv_order(n, site, (site - 1) * 10 + (n - 1) / sites % 10 + 1, records)
  from (values (pg_temp.kv_count('site', records))) as counted (sites)
  cross join generate_series(1, pg_temp.kv_count('order', records)) as n
  cross join lateral (select (n - 1) % sites + 1 as site) as placed
$$;


create function pg_temp.fill_kv_store(store regclass, records int)
  returns void
  language plpgsql
as $body$
begin
  execute format(
    $sql$
      insert into %s (key, value)
      select family || ':' || pg_temp.kv_id(family, n), value
      from pg_temp.kv_records($1)

      union all
      select rtrim(family, 's') || 's:all', (
        select jsonb_agg(pg_temp.kv_id(family, n) order by n)
        from generate_series(1, pg_temp.kv_count(family, $1)) as n
      )
      from unnest('{client,catalogs,site,gift,employee,order}'::text[]) as families (family)
    $sql$,
    store
  )
  using records;
end
$body$;
