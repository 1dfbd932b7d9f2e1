/*
 * Pipeline crm: the custom fields of the leads, taken out of their JSON as the leads are staged, so
 * that a range of them is a range of rows.
 *
 * Reads  staging.crm_leads
 * Writes staging.crm_custom_fields, by triggers on staging.crm_leads
 * Holds  a row for every key of every JSON object in crm_leads.custom_fields, and no other row
 */

create table staging.crm_custom_fields (
  source_key      text  not null primary key,
  company_id      text,
  lead_id         text  not null,
  json_key        text  not null,
  field_key       text  not null,
  definition_key  text  not null,
  kind            text,
  value           jsonb not null,

  constraint crm_custom_fields_kind_is_known
    check (kind in ('number', 'boolean', 'date', 'text'))
);

-- finds the rows of a batch that takes one company
create index on staging.crm_custom_fields (company_id, source_key);
create index on staging.crm_custom_fields (definition_key);
create index on staging.crm_custom_fields (lead_id);

comment on table staging.crm_custom_fields is
$$The custom fields of the old CRM's leads, one a row. Filled by triggers.$$;
comment on column staging.crm_custom_fields.source_key is
$$The lead's id and the JSON key. An id that holds a space is quoted, and what is long ends in its
md5: whatever a source holds has a key of its own that fits into an index.$$;
comment on column staging.crm_custom_fields.company_id is
$$The lead's company; null where the lead has none.$$;
comment on column staging.crm_custom_fields.field_key is
$$The JSON key in snake case.$$;
comment on column staging.crm_custom_fields.definition_key is
$$The company's id and the field key: what is one field of one company.$$;
comment on column staging.crm_custom_fields.kind is
$$What the value is; null where there is none: a JSON null, a blank text.$$;


create function transform.crm_list_custom_fields()
  returns trigger
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  with fields as materialized (
    select
      arrived.id as lead_id,
      arrived.company_id,
      each.key as json_key,
      each.value,
      btrim(each.value #>> '{}', E' \t\r\n\f\x0b\u00a0') as said
    from arrived
    cross join lateral jsonb_each(
      -- what is no object has no fields; a finding of the leads counts them
      case jsonb_typeof(arrived.custom_fields) when 'object' then arrived.custom_fields end
    ) as each
  ),

  -- once a key, not once a lead
  words as materialized (
    select
      keys.json_key,
      btrim(
        lower(regexp_replace(parted.key, '[^a-zA-Z0-9]+', '_', 'g') collate "C"), '_'
      ) as word
    from (select distinct fields.json_key from fields) as keys
    cross join lateral (
      -- NFKD parts a letter from its accents; these letters it leaves whole
      select regexp_replace(
        translate(
          normalize(replace(replace(keys.json_key, 'ß', 'ss'), 'æ', 'ae'), nfkd),
          'ÆØøŁłĐđı', 'AOoLlDdi'
        ),
        '[\u0300-\u036f]+', '', 'g'
      ) as key
    ) as folded
    cross join lateral (
      -- userID is user_id, HTTPServer is http_server
      select regexp_replace(
        regexp_replace(folded.key, '([a-z0-9])([A-Z])', '\1_\2', 'g'),
        '([A-Z])([A-Z][a-z])', '\1_\2', 'g'
      ) as key
    ) as parted
  ),

  named as materialized (
    select
      words.json_key,
      case
        when words.word = '' then 'field_' || left(md5(words.json_key), 8)
        when length(words.word) > 100
          then rtrim(left(words.word, 91), '_') || '_' || left(md5(words.json_key), 8)
        else words.word
      end as field_key
    from words
  )

  insert into staging.crm_custom_fields
    (source_key, company_id, lead_id, json_key, field_key, definition_key, kind, value)
  select
    case
      when octet_length(keyed.key) > 1000 then left(keyed.key, 100) || ' ' || md5(keyed.key)
      else keyed.key
    end,
    fields.company_id,
    fields.lead_id,
    fields.json_key,
    named.field_key,
    coalesce(fields.company_id, '') || ' ' || named.field_key,
    case jsonb_typeof(fields.value)
      when 'null' then null
      when 'string' then case
        when fields.said = '' then null
        -- as JSON writes numbers: 01234 and +49 30 lose their meaning as one
        when fields.said ~ '^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?$' then 'number'
        when fields.said in ('true', 'false') then 'boolean'
        when fields.said like '____-__-__%'
          and fields.said ~ '^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}'
            '([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?'
            ' ?(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)?)?$'
          -- asked in this way, the 30th of February is an answer and no error
          and jsonb_path_exists(
            to_jsonb(left(fields.said, 10)), '$.datetime("YYYY-MM-DD")', '{}', true
          )
          then 'date'
        else 'text'
      end
      when 'number' then 'number'
      when 'boolean' then 'boolean'
      else 'text'
    end,
    fields.value
  from fields
  join named on named.json_key = fields.json_key
  cross join lateral (
    select
      case
        when fields.lead_id like '% %' or fields.lead_id like '"%'
          then to_json(fields.lead_id)::text
        else fields.lead_id
      end || ' ' || fields.json_key as key
  ) as keyed;

  return null;
end
$$;

comment on function transform.crm_list_custom_fields is
$$Lists the custom fields of the leads that a statement has staged.

A field key is the JSON key in snake case: camelCase is parted, accents are dropped, everything but
letters and digits of ASCII becomes an underscore. What has none of them is named after its md5.$$;


create function transform.crm_drop_custom_fields()
  returns trigger
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
begin
  if tg_op = 'TRUNCATE' then
    truncate staging.crm_custom_fields;
  else
    delete from staging.crm_custom_fields
    using departed
    where crm_custom_fields.lead_id = departed.id;
  end if;

  return null;
end
$$;

comment on function transform.crm_drop_custom_fields is
$$Drops the custom fields of leads that a statement has removed or changed.$$;


create trigger list_custom_fields
  after insert on staging.crm_leads
  referencing new table as arrived
  for each statement execute function transform.crm_list_custom_fields();

-- triggers of one event fire by name: drop, then list anew
create trigger drop_changed_custom_fields
  after update on staging.crm_leads
  referencing old table as departed
  for each statement execute function transform.crm_drop_custom_fields();

create trigger list_changed_custom_fields
  after update on staging.crm_leads
  referencing new table as arrived
  for each statement execute function transform.crm_list_custom_fields();

create trigger drop_custom_fields
  after delete on staging.crm_leads
  referencing old table as departed
  for each statement execute function transform.crm_drop_custom_fields();

create trigger drop_all_custom_fields
  after truncate on staging.crm_leads
  for each statement execute function transform.crm_drop_custom_fields();

select landfall.close_doors();
