/*
 * Chapter 92: differences. Where two JSON documents differ, and where one only writes otherwise
 * what the other says.
 *
 * Reads  nothing
 * Writes nothing
 * Holds  form is said only where nothing that matters is lost
 */

create function landfall.differences_at(below text, original jsonb, restored jsonb)
  returns table (path text, kind text, original_value jsonb, restored_value jsonb)
  language plpgsql
  stable
  security invoker
  set search_path = ''
as $$
#variable_conflict use_column
declare
  v_kind     text := coalesce(jsonb_typeof(differences_at.original), '');
  v_other    text := coalesce(jsonb_typeof(differences_at.restored), '');
  v_decoded  jsonb;
  v_by_id    boolean;
begin
  if differences_at.original is not distinct from differences_at.restored then
    return;
  end if;

  -- a document as text in a document
  if v_kind = 'string' and v_other in ('object', 'array') then
    v_decoded := landfall.json_or_null(differences_at.original #>> '{}');

    if jsonb_typeof(v_decoded) = v_other then
      return query select
        differences_at.below, 'form', differences_at.original, differences_at.restored;
      return query select *
        from landfall.differences_at(differences_at.below, v_decoded, differences_at.restored);
      return;
    end if;
  end if;

  if v_kind = 'object' and v_other = 'object' then
    return query select found.*
      from jsonb_each(differences_at.original) as mine (name, value)
      full join jsonb_each(differences_at.restored) as theirs (name, value)
        on theirs.name = mine.name
      cross join lateral landfall.differences_at(
        differences_at.below || case
          when coalesce(mine.name, theirs.name) !~ '^[A-Za-z_][A-Za-z0-9_]*$'
            then format('[%s]', to_jsonb(coalesce(mine.name, theirs.name)))
          when differences_at.below = '' then coalesce(mine.name, theirs.name)
          else '.' || coalesce(mine.name, theirs.name)
        end,
        mine.value, theirs.value
      ) as found
      where mine.value is distinct from theirs.value;
    return;
  end if;

  if v_kind = 'array' and v_other = 'array' then
    return query select *
      from landfall.array_differences(
        differences_at.below, differences_at.original, differences_at.restored
      );
    return;
  end if;

  if landfall.is_vacant(differences_at.original) or landfall.is_vacant(differences_at.restored) then
    return query select
      differences_at.below,
      case
        when not landfall.is_vacant(differences_at.restored) then 'added'
        when not landfall.is_vacant(differences_at.original) then 'lost'
        else 'form'
      end,
      differences_at.original, differences_at.restored;
    return;
  end if;

  return query select
    differences_at.below,
    case
      when v_kind not in ('object', 'array') and v_other not in ('object', 'array')
        and landfall.says_the_same(differences_at.original, differences_at.restored)
        then 'form'
      else 'changed'
    end,
    differences_at.original, differences_at.restored;
end
$$;

comment on function landfall.differences_at is
$$Where two JSON values differ, leaf by leaf, below a path.$$;


create function landfall.array_differences(below text, original jsonb, restored jsonb)
  returns table (path text, kind text, original_value jsonb, restored_value jsonb)
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  with mine as (
    select
      items.item, items.nth,
      case jsonb_typeof(items.item)
        when 'object' then coalesce(items.item -> 'id', to_jsonb(items.nth))
        when 'array' then to_jsonb(items.nth)
        else to_jsonb(items.item #>> '{}')
      end as name
    from jsonb_array_elements(array_differences.original) with ordinality as items (item, nth)
  ),

  theirs as (
    select
      items.item, items.nth,
      case jsonb_typeof(items.item)
        when 'object' then coalesce(items.item -> 'id', to_jsonb(items.nth))
        when 'array' then to_jsonb(items.nth)
        else to_jsonb(items.item #>> '{}')
      end as name
    from jsonb_array_elements(array_differences.restored) with ordinality as items (item, nth)
  ),

  -- elements that are named alike belong together; of several of one name, the first to the first
  pairs as (
    select
      mine.item as original, theirs.item as restored, mine.nth, theirs.nth as at
    from (
      select mine.*, row_number() over (partition by name #>> '{}' order by nth) as again
      from mine
    ) as mine
    full join (
      select theirs.*, row_number() over (partition by name #>> '{}' order by nth) as again
      from theirs
    ) as theirs
      on theirs.name #>> '{}' = mine.name #>> '{}' and theirs.again = mine.again
  ),

  -- what has no namesake may stand in the same place, otherwise written
  placed as (
    select original, restored, coalesce(nth, at) as nth
    from pairs
    where original is not null and restored is not null

    union all
    select mine.original, theirs.restored, coalesce(mine.nth, theirs.at)
    from (select * from pairs where restored is null) as mine
    full join (select * from pairs where original is null) as theirs on theirs.at = mine.nth
  )

  select array_differences.below, 'form', array_differences.original, array_differences.restored
  where exists (select from pairs where nth <> at)

  union all
  select found.*
  from placed
  cross join lateral landfall.differences_at(
    format('%s[%s]', array_differences.below, placed.nth - 1), placed.original, placed.restored
  ) as found
  where placed.original is distinct from placed.restored
$$;

comment on function landfall.array_differences is
$$Where two arrays differ: elements of one id, or of one value, belong together wherever they stand;
another order is form.$$;


create function landfall.json_differences(original jsonb, restored jsonb)
  returns table (path text, kind text, original_value jsonb, restored_value jsonb)
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select *
  from landfall.differences_at('', json_differences.original, json_differences.restored)
$$;

comment on function landfall.json_differences is
$$Where a document as it was and as it comes back differ, leaf by leaf.

A kind is one of form (the same value, otherwise written: 12 and "12", null and nothing, two
writings of one instant, another order), lost (there is nothing any more), added (there was nothing)
and changed. A path reads as items[2].price; the document itself is the empty text.$$;

select landfall.close_doors();
