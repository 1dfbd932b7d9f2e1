/*
 * Chapter 91: the same values. Whether two values of JSON say the same, otherwise written.
 *
 * Reads  nothing
 * Writes nothing
 * Holds  leading zeros, decimals and instants are never taken for others
 */

create function landfall.instant_of(content text)
  returns numeric
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  c_time constant text :=
    '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?';
begin
  return case
    when instant_of.content ~ '^[0-9]{9,10}$' then instant_of.content::numeric
    when instant_of.content ~ '^[0-9]{12,14}$' then instant_of.content::numeric / 1000
    when instant_of.content ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
      then extract(epoch from (instant_of.content || 'T00:00:00Z')::timestamptz)
    when instant_of.content ~ (c_time || '$')
      then extract(epoch from (instant_of.content || 'Z')::timestamptz)
    when instant_of.content ~ (c_time || '(Z|[+-][0-9]{2}:?[0-9]{2})$')
      then extract(epoch from instant_of.content::timestamptz)
  end;
exception when data_exception then
  -- there is no 30 February
  return null;
end
$$;

comment on function landfall.instant_of is
$$The instant that a text or number names, in seconds since 1970: ISO 8601, or epoch seconds or
milliseconds; null where it names none. Without a zone it is UTC.$$;


create function landfall.is_vacant(value jsonb)
  returns boolean
  language plpgsql
  immutable
  security invoker
  set search_path = ''
as $$
begin
  return is_vacant.value is null
    or is_vacant.value in ('null', '[]', '{}')
    or (
      jsonb_typeof(is_vacant.value) = 'string'
      and btrim(is_vacant.value #>> '{}', E' \t\r\n\f\x0b') = ''
    );
end
$$;

comment on function landfall.is_vacant is
$$Whether there is nothing: no value, null, a blank text, an empty array or object.$$;


create function landfall.says_the_same(one jsonb, other jsonb)
  returns boolean
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
declare
  c_number  constant text := '^-?(0|[1-9][0-9]{0,60})([.][0-9]{1,60})?([eE][+-]?[0-9]{1,2})?$';
  c_uuid    constant text := '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
  v_one     text := btrim(says_the_same.one #>> '{}', E' \t\r\n\f\x0b');
  v_other   text := btrim(says_the_same.other #>> '{}', E' \t\r\n\f\x0b');
  v_written text;
begin
  if v_one = v_other then
    return true;
  end if;

  if v_one ~ c_number and v_other ~ c_number and v_one::numeric = v_other::numeric then
    return true;
  end if;

  if v_one ~ c_uuid and v_other ~ c_uuid then
    return lower(v_one) = lower(v_other);
  end if;

  -- two numbers are no times: one of them must be written as one
  v_written := case when v_one ~ c_number then v_other else v_one end;

  return v_written ~ '^[0-9]{4}-'
    and coalesce(landfall.instant_of(v_one) = landfall.instant_of(v_other), false);
end
$$;

comment on function landfall.says_the_same is
$$Whether two single values are the same, otherwise written: a number, a boolean or a time as text,
blanks around a text, letters of a uuid. A leading zero matters.$$;

select landfall.close_doors();
