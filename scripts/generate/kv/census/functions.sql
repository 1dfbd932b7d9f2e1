-- What the census asks of every key and value. Nothing of it is left behind.

create function pg_temp.segments(key text)
  returns text[]
  language sql
  immutable
  parallel safe
as $$
  select case
    when strpos(key, ':') > 0 then string_to_array(key, ':')
    when key !~ '[0-9@]' then array[key]
    else coalesce(
      regexp_match(
        key, '^((?:[A-Za-z]+[_-])+)([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$'
      ),
      regexp_match(key, '^((?:[A-Za-z]+_)+)([0-9]{1,9}|[^_-]*[0-9][^_-]{0,20})_([0-9]{1,9})$'),
      regexp_match(key, '^((?:[A-Za-z]+[_-])+)([^_-]*[0-9@].*)$'),
      array[key]
    )
  end
$$;

-- literal words as they are, what names a record as <its kind>
create function pg_temp.segment_kind(segment text)
  returns text
  language sql
  immutable
  parallel safe
as $$
  select case
    when segment is null then null
    when octet_length(segment) >= 36 and segment like '________-____-____-____-____________'
      then '<uuid>'
    when length(segment) <= 40 and segment !~ '[0-9@<]' then segment
    when segment ~ '^v[0-9]{1,2}$' then segment
    when strpos(segment, '@') > 0 then '<email>'
    when segment !~ '[^0-9]' then '<int>'
    when segment ~ '[0-9<]' then '<id>'
    else '<word>'
  end
$$;

-- the name of a member, or a mark and its kind where names are ids: a map of records by id; a value
-- that is no object comes as the member chr(2), and has no name
create function pg_temp.member(name text)
  returns text
  language sql
  immutable
  parallel safe
as $$
  select case
    when name <> '' and octet_length(name) < 36 and name !~ '[0-9@]' and name <> chr(2) then name
    when length(name) = 36 and name like '________-____-____-____-____________' then chr(1) || 'uuid'
    when name = '' then chr(2)
    when name = chr(2) then ''
    when name !~ '[^0-9]' then chr(1) || 'int'
    when strpos(name, '@') > 0 then chr(1) || 'email'
    when name ~ '[0-9]{5}' then chr(1) || 'id'
    else name
  end
$$;

-- whether a text may be an encoded document; the expression costs more than what stands before it
create function pg_temp.looks_encoded(content text)
  returns boolean
  language sql
  immutable
  parallel safe
as $$
  select case
    when ascii(content) in (ascii('['), ascii('{')) then true
    when ascii(content) between 33 and 126 then false
    else content ~ '^\s*[[{]'
  end
$$;

-- a document that was encoded as text, decoded
create function pg_temp.decoded(value jsonb)
  returns jsonb
  language plpgsql
  immutable
as $$
begin
  return (value #>> '{}')::jsonb;
exception when data_exception then
  return value;
end
$$;

create function pg_temp.document(value jsonb)
  returns jsonb
  language sql
  immutable
as $$
  select case
    when jsonb_typeof(value) = 'string' and pg_temp.looks_encoded(value #>> '{}')
      then pg_temp.decoded(value)
    else value
  end
$$;

-- the same, for a store in which nothing looks encoded that is not: workers can catch no error
create function pg_temp.sure_document(value jsonb)
  returns jsonb
  language sql
  immutable
  parallel safe
as $$
  select case
    when jsonb_typeof(value) = 'string' and pg_temp.looks_encoded(value #>> '{}')
      then (value #>> '{}')::jsonb
    else value
  end
$$;

-- what a value could be read as; what costs little stands before expressions
create function pg_temp.value_class(kind text, content text)
  returns text
  language sql
  immutable
  parallel safe
as $$
  select case
    when kind = 'string' then case
      when octet_length(content) > 100 then case
        when pg_temp.looks_encoded(content) then 'encoded' else 'long' end
      when octet_length(content) = 36 and content like '________-____-____-____-____________'
        then 'uuid'
      when content = '' then 'empty'
      when ascii(content) between 45 and 57 then case
        when content like '____-__-__%' then case
          when content like '____-__-__T__:__:__.___Z'
            and content not like '%-%-%-%' and content not like '%:%:%:%'
            and content not like '%.%.%' and content not like '%T%T%' and content not like '%Z%Z%'
            and content !~ '[^0-9TZ:.-]'
            then 'time'
          when octet_length(content) = 10 and content ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' then 'date'
          when content not like '%Z' and content not like '%+%' and content not like '%-%-%-%'
            and content ~
              '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?$'
            then 'local time'
          when content ~
            '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{5,18}(Z|[+-][0-9]{2}:?[0-9]{2})$'
            then 'time'
          else 'short'
        end
        when content !~ '[^0-9]' then case
          when octet_length(content) > 18 or content like '0_%' then 'digits' else 'int text' end
        when content like '%.%' and content ~ '^-?(0|[1-9][0-9]{0,17})[.][0-9]{1,18}$'
          then 'decimal text'
        when content like '-%' and content ~ '^-[1-9][0-9]{0,17}$' then 'int text'
        else 'short'
      end
      when content like '%@%' then 'email'
      when content in ('true', 'false') then 'boolean text'
      when pg_temp.looks_encoded(content) then 'encoded'
      else 'short'
    end
    when kind = 'number' then case
      when content like '%.%' or octet_length(content) > 18 then 'decimal' else 'int' end
    else kind
  end
$$;

-- how many members of an object are named by ids, or otherwise; a function, as workers aggregate
-- nothing within a row
create function pg_temp.names_in(container jsonb, by_ids boolean)
  returns int
  language sql
  immutable
  parallel safe
as $$
  select count(*)::int
  from jsonb_object_keys(container) as names (name)
  where (pg_temp.member(names.name) like chr(1) || '%') = by_ids
$$;

-- whether two elements of an array or a map have one id, or are the same
create function pg_temp.repeats(container jsonb)
  returns boolean
  language sql
  immutable
  parallel safe
as $$
  select count(id) > count(distinct id)
  from (
    select
      case jsonb_typeof(element) when 'object' then element ->> 'id' else element #>> '{}' end as id
    from jsonb_path_query(
      container, case jsonb_typeof(container) when 'object' then '$.*' else '$[*]' end::jsonpath
    ) as elements (element)
  ) as named
$$;
