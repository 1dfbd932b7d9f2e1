/*
 * Pipeline tracker: its collections, what they refer to, and what is remarked.
 *
 * Reads  the transforms of tracker
 * Writes landfall.pipelines, entities, collections, rules
 * Holds  a time that a document cannot hold to the microsecond is counted
 */

select landfall.define_pipeline(
  name => 'tracker',
  description => 'The projects, tasks and comments of a tracker, as documents for MongoDB'
);
select landfall.define_documents(
  pipeline => 'tracker', name => 'users', collection => 'users',
  indexes => '{email}'
);
select landfall.define_documents(
  pipeline => 'tracker', name => 'organizations', collection => 'organizations',
  refers_to => '{"members.user_id": "users"}',
  indexes => '{members.user_id}',
  counts => '{"members": "select count(*) from tracker.org_members"}'
);
select landfall.define_documents(
  pipeline => 'tracker', name => 'projects', collection => 'projects',
  refers_to => '{"organization_id": "organizations"}',
  indexes => '{organization_id}'
);
select landfall.define_documents(
  pipeline => 'tracker', name => 'tasks', collection => 'tasks',
  refers_to => '{
    "project_id": "projects",
    "organization_id": "organizations",
    "assignees.user_id": "users",
    "comments.user.id": "users"
  }',
  indexes => '{"project_id, status", assignees.user_id, "organization_id, due_date"}',
  counts => jsonb_build_object(
    'labels', 'select count(*) from tracker.task_labels',
    'assignees', 'select count(*) from tracker.task_assignees',
    'comments', 'select count(*) - (select count(*) from transform.tracker_task_comments)'
      ' from tracker.comments'
  )
);
select landfall.define_documents(
  pipeline => 'tracker', name => 'task_comments', collection => 'task_comments',
  refers_to => '{"task_id": "tasks", "user.id": "users"}',
  indexes => '{"task_id, created_at"}'
);


select landfall.define_rule(
  pipeline => 'tracker', entity => 'users', name => 'users_microseconds',
  action => 'finding',
  reason => 'users_microseconds: a date of MongoDB has no microseconds, they are left out',
  query => $$
    select legacy.id::text as source_key
    from tracker.users as legacy
    where legacy.created_at <> date_trunc('milliseconds', legacy.created_at)
  $$
);
select landfall.define_rule(
  pipeline => 'tracker', entity => 'organizations', name => 'organizations_microseconds',
  action => 'finding',
  reason => 'organizations_microseconds: a date of MongoDB has no microseconds, they are left out',
  query => $$
    select legacy.id::text as source_key
    from tracker.organizations as legacy
    where legacy.created_at <> date_trunc('milliseconds', legacy.created_at)
      or legacy.updated_at <> date_trunc('milliseconds', legacy.updated_at)
  $$
);
select landfall.define_rule(
  pipeline => 'tracker', entity => 'projects', name => 'projects_microseconds',
  action => 'finding',
  reason => 'projects_microseconds: a date of MongoDB has no microseconds, they are left out',
  query => $$
    select legacy.id::text as source_key
    from tracker.projects as legacy
    where legacy.created_at <> date_trunc('milliseconds', legacy.created_at)
  $$
);
select landfall.define_rule(
  pipeline => 'tracker', entity => 'tasks', name => 'tasks_microseconds',
  action => 'finding',
  reason => 'tasks_microseconds: a date of MongoDB has no microseconds, they are left out',
  query => $$
    select legacy.id::text as source_key
    from tracker.tasks as legacy
    where legacy.created_at <> date_trunc('milliseconds', legacy.created_at)
      or legacy.updated_at <> date_trunc('milliseconds', legacy.updated_at)
      or legacy.completed_at <> date_trunc('milliseconds', legacy.completed_at)
    union
    select comments.task_id::text
    from tracker.comments
    where comments.created_at <> date_trunc('milliseconds', comments.created_at)
  $$
);

select landfall.close_doors();
