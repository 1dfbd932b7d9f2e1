/*
 * Pipeline tracker, the transforms: tasks, with their labels, assignees and comments.
 *
 * Reads  tracker.tasks, projects, organizations, labels, task_labels, task_assignees, comments,
 *        users
 * Writes views in transform
 * Holds  a batch reads what hangs on its own tasks, and nothing of others
 *
 * A task with few comments, nearly every one, does not pay for what a task with many needs: its
 * comments are counted, then put together in one go.
 */

create view transform.tracker_tasks
  with (security_invoker = true)
as
select
  legacy.id::text as source_key,
  to_jsonb(legacy) as source_row,
  (
    '{"_id":{"$oid":"' || left(md5('tracker.tasks/' || legacy.id), 24)
    || '"},"project_id":{"$oid":"' || left(md5('tracker.projects/' || legacy.project_id), 24)
    || '"},"project_name":' || coalesce(to_json(projects.name)::text, 'null')
    || ',"organization_id":' || coalesce(
      '{"$oid":"' || left(md5('tracker.organizations/' || projects.org_id), 24) || '"}', 'null'
    )
    || ',"organization_name":' || coalesce(to_json(organizations.name)::text, 'null')
    || ',"title":' || to_json(legacy.title)
    || ',"description":' || coalesce(to_json(legacy.description)::text, 'null')
    || ',"status":' || to_json(legacy.status)
    || ',"priority":{"$numberInt":"' || legacy.priority
    || '"},"estimate":' || coalesce('{"$numberDecimal":"' || legacy.estimate || '"}', 'null')
    || ',"due_date":' || coalesce(
      '{"$date":{"$numberLong":"' || (legacy.due_date - date '1970-01-01')::bigint * 86400000
        || '"}}',
      'null'
    )
    || ',"external_id":' || coalesce(
      '{"$binary":{"base64":"' || encode(uuid_send(legacy.external_id), 'base64')
        || '","subType":"04"}}',
      'null'
    )
    || ',"created_at":{"$date":{"$numberLong":"'
    || floor(extract(epoch from legacy.created_at) * 1000)::numeric(20)
    || '"}},"updated_at":' || coalesce(
      '{"$date":{"$numberLong":"'
        || floor(extract(epoch from legacy.updated_at) * 1000)::numeric(20) || '"}}',
      'null'
    )
    || ',"completed_at":' || coalesce(
      '{"$date":{"$numberLong":"'
        || floor(extract(epoch from legacy.completed_at) * 1000)::numeric(20) || '"}}',
      'null'
    )
    || ',"labels":[' || coalesce(
      (
        select string_agg(
          '{"name":' || coalesce(to_json(labels.name)::text, 'null')
            || ',"color":' || coalesce(to_json(labels.color)::text, 'null') || '}',
          ',' order by task_labels.label_id
        )
        from tracker.task_labels
        left join lateral (
          select found.name, found.color
          from tracker.labels as found
          where found.id = task_labels.label_id
          limit 1
        ) as labels on true
        where task_labels.task_id = legacy.id
      ),
      ''
    )
    || '],"assignees":[' || coalesce(
      (
        select string_agg(
          '{"user_id":{"$oid":"' || left(md5('tracker.users/' || assignees.user_id), 24)
            || '"},"name":' || coalesce(to_json(users.name)::text, 'null')
            || ',"email":' || coalesce(to_json(users.email)::text, 'null') || '}',
          ',' order by assignees.user_id
        )
        from tracker.task_assignees as assignees
        left join lateral (
          select found.name, found.email
          from tracker.users as found
          where found.id = assignees.user_id
          limit 1
        ) as users on true
        where assignees.task_id = legacy.id
      ),
      ''
    )
    || '],"comments":[' || coalesce(
      split.elements, whole.elements, ''
    )
    || '],"comment_count":{"$numberInt":"' || sizes.comments
    || '"},"older_comments":{"$numberInt":"' || split.older
    || '"}}'
  )::json as document
from tracker.tasks as legacy
cross join transform.tracker_limits as limits
left join tracker.projects on projects.id = legacy.project_id
left join tracker.organizations on organizations.id = projects.org_id
left join lateral (
  select
    count(*) as comments,
    count(*) > limits.max_children
      or sum(octet_length(comments.content) + limits.bytes_beside) > limits.max_bytes as split
  from tracker.comments
  where comments.task_id = legacy.id
) as sizes on true
left join lateral (
  select string_agg('{' || elements.element, ',' order by elements.created_at, elements.id)
    as elements
  from transform.tracker_comment_elements as elements
  where elements.task_id = legacy.id
    and sizes.split is not true
) as whole on true
left join lateral (
  select
    string_agg('{' || elements.element, ',' order by places.created_at, places.id) as elements,
    count(*) filter (where not places.embedded) as older
  from transform.tracker_comment_places as places
  left join transform.tracker_comment_elements as elements
    on elements.id = places.id
    and places.embedded
  where places.task_id = legacy.id
    and sizes.split
) as split on true;

comment on view transform.tracker_tasks is
$$What a task becomes. Labels, assignees and comments are embedded; comment_count counts all its
comments, older_comments those that are documents of their own.$$;

select landfall.close_doors();
