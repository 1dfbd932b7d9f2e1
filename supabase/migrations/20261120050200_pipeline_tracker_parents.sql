/*
 * Pipeline tracker, the transforms: organizations, users and projects.
 *
 * Reads  tracker.organizations, users, org_members, projects
 * Writes views in transform
 * Holds  an ObjectId is made from its entity and source key, so references need no look-up
 *
 * The documents are texts put together by hand: twice as fast as json_build_object, and without
 * blanks. Where a join says "limit 1" there is one row, which is found by its key: a planner that
 * is left to choose reads the whole table for each document.
 */

create view transform.tracker_organizations
  with (security_invoker = true)
as
select
  legacy.id::text as source_key,
  to_jsonb(legacy) as source_row,
  (
    '{"_id":{"$oid":"' || left(md5('tracker.organizations/' || legacy.id), 24)
    || '"},"name":' || to_json(legacy.name)
    || ',"settings":' || coalesce(landfall.canonical_json(legacy.settings)::text, 'null')
    || ',"storage_bytes":{"$numberLong":"' || legacy.storage_bytes
    || '"},"members":[' || coalesce(
      (
        select string_agg(
          '{"user_id":{"$oid":"' || left(md5('tracker.users/' || members.user_id), 24)
            || '"},"name":' || coalesce(to_json(users.name)::text, 'null')
            || ',"email":' || coalesce(to_json(users.email)::text, 'null')
            || ',"role":' || to_json(members.role)
            || '}',
          ',' order by members.user_id
        )
        from tracker.org_members as members
        left join tracker.users on users.id = members.user_id
        where members.org_id = legacy.id
      ),
      ''
    )
    || '],"created_at":{"$date":{"$numberLong":"'
    || floor(extract(epoch from legacy.created_at) * 1000)::numeric(20)
    || '"}},"updated_at":' || coalesce(
      '{"$date":{"$numberLong":"'
        || floor(extract(epoch from legacy.updated_at) * 1000)::numeric(20) || '"}}',
      'null'
    )
    || '}'
  )::json as document
from tracker.organizations as legacy;

comment on view transform.tracker_organizations is
$$What an organization becomes: its members are embedded, in the order of their keys.$$;


create view transform.tracker_users
  with (security_invoker = true)
as
select
  legacy.id::text as source_key,
  to_jsonb(legacy) as source_row,
  (
    '{"_id":{"$oid":"' || left(md5('tracker.users/' || legacy.id), 24)
    || '"},"email":' || to_json(legacy.email)
    || ',"name":' || to_json(legacy.name)
    || ',"avatar":' || coalesce(
      -- encode() breaks lines
      '{"$binary":{"base64":"' || translate(encode(legacy.avatar, 'base64'), E'\n', '')
        || '","subType":"00"}}',
      'null'
    )
    || ',"born_on":' || coalesce(
      '{"$date":{"$numberLong":"' || (legacy.born_on - date '1970-01-01')::bigint * 86400000
        || '"}}',
      'null'
    )
    || ',"is_active":' || legacy.is_active
    || ',"created_at":{"$date":{"$numberLong":"'
    || floor(extract(epoch from legacy.created_at) * 1000)::numeric(20)
    || '"}}}'
  )::json as document
from tracker.users as legacy;

comment on view transform.tracker_users is
$$What a user becomes.$$;


create view transform.tracker_projects
  with (security_invoker = true)
as
select
  legacy.id::text as source_key,
  to_jsonb(legacy) as source_row,
  (
    '{"_id":{"$oid":"' || left(md5('tracker.projects/' || legacy.id), 24)
    || '"},"organization_id":{"$oid":"'
    || left(md5('tracker.organizations/' || legacy.org_id), 24)
    || '"},"organization_name":' || coalesce(to_json(organizations.name)::text, 'null')
    || ',"name":' || to_json(legacy.name)
    || ',"budget":' || coalesce('{"$numberDecimal":"' || legacy.budget || '"}', 'null')
    || ',"health":' || coalesce('{"$numberDouble":"' || legacy.health || '"}', 'null')
    || ',"archived":' || legacy.archived
    || ',"starts_on":' || coalesce(
      '{"$date":{"$numberLong":"' || (legacy.starts_on - date '1970-01-01')::bigint * 86400000
        || '"}}',
      'null'
    )
    || ',"created_at":{"$date":{"$numberLong":"'
    || floor(extract(epoch from legacy.created_at) * 1000)::numeric(20)
    || '"}}}'
  )::json as document
from tracker.projects as legacy
left join tracker.organizations on organizations.id = legacy.org_id;

comment on view transform.tracker_projects is
$$What a project becomes. It carries its organization's name beside the reference.$$;

select landfall.close_doors();
