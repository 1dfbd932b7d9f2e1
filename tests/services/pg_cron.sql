/*
 * pg_cron as the platform has it when somebody enables it: the superuser owns the extension,
 * postgres schedules jobs and reads what became of them. Applied by supabase_admin.
 */

create extension pg_cron with schema pg_catalog;

grant usage on schema cron to postgres with grant option;
grant all on all functions in schema cron to postgres with grant option;
grant all on all tables in schema cron to postgres with grant option;

-- jobs are written by cron.schedule() and its like alone
revoke all on cron.job from postgres;
grant select on cron.job to postgres with grant option;
