/*
 * Chapter 88: Extended JSON. JSON of any kind inside a document.
 *
 * Reads  nothing
 * Writes nothing
 * Holds  a number keeps all its digits; an object never becomes something else than an object
 */

create function landfall.canonical_json(value jsonb)
  returns jsonb
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
declare
  v_number numeric;
  v_name   text;
begin
  case jsonb_typeof(canonical_json.value)
    when 'object' then
      select fields.name
      into v_name
      from jsonb_object_keys(canonical_json.value) as fields (name)
      where fields.name ^@ '$'
      limit 1;

      if v_name is not null then
        raise exception using
          errcode = '22023',
          message = format('a field named %s would be read as a type of Extended JSON', v_name),
          hint    = 'Rename the field, or leave it out in the transform.';
      end if;

      return (
        select coalesce(
          jsonb_object_agg(fields.name, landfall.canonical_json(fields.field)), '{}'
        )
        from jsonb_each(canonical_json.value) as fields (name, field)
      );
    when 'array' then
      return (
        select coalesce(jsonb_agg(landfall.canonical_json(items.item) order by items.nth), '[]')
        from jsonb_array_elements(canonical_json.value) with ordinality as items (item, nth)
      );
    when 'number' then
      v_number := canonical_json.value::numeric;

      if v_number = trunc(v_number) and v_number between -2147483648 and 2147483647 then
        return jsonb_build_object('$numberInt', trunc(v_number)::text);
      elsif v_number = trunc(v_number)
        and v_number between -9223372036854775808 and 9223372036854775807
      then
        return jsonb_build_object('$numberLong', trunc(v_number)::text);
      end if;

      begin
        if v_number::double precision::numeric = v_number then
          return jsonb_build_object('$numberDouble', v_number::double precision::text);
        end if;
      exception when numeric_value_out_of_range then
        -- greater, or nearer to zero, than a double can be
        null;
      end;

      return jsonb_build_object('$numberDecimal', v_number::text);
    else
      return canonical_json.value;
  end case;
end
$$;

comment on function landfall.canonical_json is
$$Writes JSON of any kind as canonical Extended JSON: each number as the smallest of int, long,
double and decimal that holds all its digits.

An object with a field whose name begins with $ would be read as a type of Extended JSON. It raises
22023, so that its row is rejected.$$;

select landfall.close_doors();
