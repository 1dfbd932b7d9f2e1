/*
 * Pipeline tracker, the transforms: comments. A task embeds them, the newest first, up to a number
 * and a size; those that are older become documents of their own.
 *
 * Reads  tracker.comments, users; the setting landfall.max_children
 * Writes views in transform
 * Holds  a comment is embedded or a document of its own, never both: one view decides it
 */

create view transform.tracker_comment_elements
  with (security_invoker = true)
as
select
  comments.id,
  comments.task_id,
  comments.created_at,
  '"user":'
    || coalesce(
      '{"id":{"$oid":"' || left(md5('tracker.users/' || comments.user_id), 24)
        || '"},"name":' || coalesce(to_json(users.name)::text, 'null') || '}',
      'null'
    )
    || ',"content":' || to_json(comments.content)
    || ',"created_at":{"$date":{"$numberLong":"'
    || floor(extract(epoch from comments.created_at) * 1000)::numeric(20)
    || '"}}}' as element
from tracker.comments
left join lateral (
  select found.name
  from tracker.users as found
  where found.id = comments.user_id
  limit 1
) as users on true;

comment on view transform.tracker_comment_elements is
$$Each comment as JSON, less what comes before its first field: a brace, or the fields that a
document of its own has beside.$$;


create view transform.tracker_limits
  with (security_invoker = true)
as
select
  coalesce(nullif(current_setting('landfall.max_children', true), '')::int, 1000) as max_children,
  -- a document may have 16,777,216 bytes
  12000000 as max_bytes,
  -- what a comment has beside its content: keys, times, ids, the name of who wrote it
  1024 as bytes_beside;

comment on view transform.tracker_limits is
$$How many comments a task embeds at most, and how many bytes they may have together.$$;


create view transform.tracker_comment_places
  with (security_invoker = true)
as
select
  ranked.id,
  ranked.task_id,
  ranked.created_at,
  ranked.nth <= limits.max_children and ranked.bytes <= limits.max_bytes as embedded
from (
  select
    comments.id,
    comments.task_id,
    comments.created_at,
    row_number() over newest_first as nth,
    -- a long text's length is known without reading it
    sum(octet_length(comments.content) + limits.bytes_beside) over newest_first as bytes
  from tracker.comments
  cross join transform.tracker_limits as limits
  window newest_first as (
    partition by comments.task_id
    order by comments.created_at desc, comments.id desc
    rows unbounded preceding
  )
) as ranked
cross join transform.tracker_limits as limits;

comment on view transform.tracker_comment_places is
$$Whether a task embeds a comment. Ask it for one task at a time: it reads the task's comments.$$;


create view transform.tracker_task_comments
  with (security_invoker = true)
as
select
  legacy.id::text as source_key,
  to_jsonb(legacy) as source_row,
  (
    '{"_id":{"$oid":"' || left(md5('tracker.task_comments/' || legacy.id), 24)
    || '"},"task_id":{"$oid":"' || left(md5('tracker.tasks/' || legacy.task_id), 24)
    || '"},' || (
      select elements.element
      from transform.tracker_comment_elements as elements
      where elements.id = legacy.id
    )
  )::json as document
from tracker.comments as legacy
cross join transform.tracker_limits as limits
-- as in tracker_comment_places, and no more of the task's comments than may be embedded
cross join lateral (
  select
    count(*) > limits.max_children as too_many,
    sum(octet_length(newest.content) + limits.bytes_beside) > limits.max_bytes as too_large
  from (
    select comments.content
    from tracker.comments
    where comments.task_id = legacy.task_id
    order by comments.created_at desc, comments.id desc
    limit limits.max_children + 1
  ) as newest
) as sizes
-- where they are only too many, an index has the last that is embedded
left join lateral (
  select comments.created_at, comments.id
  from tracker.comments
  where comments.task_id = legacy.task_id
    and sizes.too_many
    and not sizes.too_large
  order by comments.created_at desc, comments.id desc
  offset greatest(limits.max_children - 1, 0)
  limit least(limits.max_children, 1)
) as counted on true
left join lateral (
  select reached.created_at, reached.id
  from (
    select
      newest.created_at,
      newest.id,
      sum(octet_length(newest.content) + limits.bytes_beside) over (
        order by newest.created_at desc, newest.id desc rows unbounded preceding
      ) as bytes
    from (
      select comments.created_at, comments.id, comments.content
      from tracker.comments
      where comments.task_id = legacy.task_id
        and sizes.too_large
      order by comments.created_at desc, comments.id desc
      limit limits.max_children
    ) as newest
  ) as reached
  where reached.bytes <= limits.max_bytes
  order by reached.created_at, reached.id
  limit 1
) as measured on true
where (sizes.too_many or sizes.too_large)
  and (
    coalesce(counted.id, measured.id) is null
    or (legacy.created_at, legacy.id) < (
      coalesce(counted.created_at, measured.created_at), coalesce(counted.id, measured.id)
    )
  );

comment on view transform.tracker_task_comments is
$$What a comment becomes that its task does not embed.$$;

select landfall.close_doors();
