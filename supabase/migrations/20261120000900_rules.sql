/*
 * Chapter 9: rules. What the author asks of a row beside the target's own constraints; checked when
 * it is defined.
 *
 * Reads  landfall.entities
 * Writes landfall.rules
 * Holds  every condition and query parses against its transform
 */

create function landfall.define_rule(
  pipeline text,
  entity text,
  name text,
  action text,
  reason text,
  condition text default null,
  query text default null
)
  returns void
  language plpgsql
  volatile
  security invoker
  set search_path = ''
as $$
declare
  v_entity  landfall.entities;
  v_problem text;
begin
  select entities.*
  into v_entity
  from landfall.entities
  where entities.pipeline = define_rule.pipeline
    and entities.name = define_rule.entity;

  v_problem := case
    when v_entity.id is null
      then format('pipeline %s has no entity %s', pipeline, entity)
    when name is null or name !~ '^[a-z][a-z0-9_]{0,39}$'
      then 'its name is not a lower case word'
    when name = 'vanished'
      then 'its name is that of a finding of the engine''s own'
    when coalesce(action, '') not in ('reject', 'defer', 'finding')
      then format('its action is %s, not reject, defer or finding', coalesce(action, '(null)'))
    when (condition is null) = (query is null)
      then 'it needs either a condition or a query'
    when action = 'defer' and condition is null
      then 'a row is deferred by a condition, not by a query'
    when action = 'defer' and exists (
      select from landfall.collections where collections.entity_id = v_entity.id
    )
      then 'its rows become documents, which do not wait'
    when coalesce(reason, '') = ''
      then 'it has no reason to report'
  end;

  if v_problem is null then
    begin
      if condition is not null then
        execute format('explain select from %s where (%s)', v_entity.transform, condition);
      else
        execute format('explain select source_key::text from (%s) as failing', query);
      end if;
    exception when others then
      v_problem := sqlerrm;
    end;
  end if;

  if v_problem is not null then
    raise exception using
      errcode = 'LF104',
      message = format('Cannot define rule %s of %s.%s: %s', name, pipeline, entity, v_problem),
      detail  = 'A condition is a boolean expression over the transform''s columns; '
                'a query has a column source_key.',
      hint    = 'Mend the rule and define it again.';
  end if;

  insert into landfall.rules (entity_id, name, action, condition, query, reason)
  values (
    v_entity.id,
    define_rule.name,
    define_rule.action,
    define_rule.condition,
    define_rule.query,
    define_rule.reason
  )
  on conflict on constraint rules_pkey do update
  set
    action = excluded.action,
    condition = excluded.condition,
    query = excluded.query,
    reason = excluded.reason;
end
$$;

comment on function landfall.define_rule is
$$Defines a condition that an entity's rows must meet beside the target's own constraints.

The reason is what a reject, a deferred row or a finding says of itself. Raises LF104 when
the condition or query does not parse against the transform.$$;


create function landfall.active_rules(entity_id int, options jsonb)
  returns jsonb
  language sql
  stable
  security invoker
  set search_path = ''
as $$
  select coalesce(
    jsonb_agg(
      to_jsonb(active) - 'entity_id' - 'nth' || jsonb_build_object('column', 'lf_rule_' || nth)
      order by nth
    ),
    '[]'
  )
  from (
    select
      rules.entity_id, rules.name, rules.condition, rules.query, rules.reason,
      coalesce(active_rules.options #>> array['ruleActions', rules.name], rules.action) as action,
      row_number() over (order by rules.name) as nth
    from landfall.rules
    where rules.entity_id = active_rules.entity_id
      and not coalesce((active_rules.options ->> 'skipValidation')::boolean, false)
  ) as active
  where active.action <> 'off'
$$;

comment on function landfall.active_rules is
$$The rules of an entity as a run with these options takes them, each with its column's name.$$;

select landfall.close_doors();
