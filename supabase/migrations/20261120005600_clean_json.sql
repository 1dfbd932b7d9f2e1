/*
 * Chapter 56: clean JSON. What transforms of documents share.
 *
 * Reads  nothing
 * Writes nothing
 * Holds  cleaning a clean document changes nothing
 */

create function landfall.clean_json(document jsonb)
  returns jsonb
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return case jsonb_typeof(clean_json.document)
    when 'object' then (
      select coalesce(jsonb_object_agg(
        fields.name,
        case
          when jsonb_typeof(fields.field) = 'string'
            then coalesce(
              to_jsonb(nullif(btrim(fields.field #>> '{}', E' \t\r\n\f\x0b'), '')), 'null'
            )
          when jsonb_typeof(fields.field) in ('object', 'array')
            then landfall.clean_json(fields.field)
          else fields.field
        end
      ), '{}')
      from jsonb_each(clean_json.document) as fields (name, field)
    )
    when 'array' then (
      select coalesce(jsonb_agg(landfall.clean_json(items.item) order by items.nth), '[]')
      from jsonb_array_elements(clean_json.document)
        with ordinality as items (item, nth)
    )
    when 'string' then
      coalesce(to_jsonb(nullif(btrim(clean_json.document #>> '{}', E' \t\r\n\f\x0b'), '')), 'null')
    else clean_json.document
  end;
end
$$;

comment on function landfall.clean_json is
$$Trims every text in a JSON document, at every depth, and makes empty text null.

It costs microseconds a value, so a transform calls it only for documents that need it.$$;


create function landfall.json_or_null(value text)
  returns jsonb
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return json_or_null.value::jsonb;
exception when data_exception then
  return null;
end
$$;

comment on function landfall.json_or_null is
$$Reads a text as JSON; null when it is none.

For what a pipeline remarks about its source: there, one bad value must not stop the rest. A
transform casts, so that a bad value rejects its row.$$;

select landfall.close_doors();
