/*
 * Pipeline jobs: what is imported from the SQLite file of the old app. Every column is text: SQLite
 * holds any kind of value in any column, and the transforms decide what it means.
 *
 * Reads  nothing
 * Writes staging.jobs_users, jobs_jobs, jobs_credit_transactions (empty)
 * Holds  what is not named here is not imported: passwords and tokens stay where they are
 */

create table staging.jobs_users (
  id          text not null primary key,
  email       text,
  created_at  text,
  last_login  text
);

comment on table staging.jobs_users is
$$The users of the old app.$$;


create table staging.jobs_jobs (
  id           text not null primary key,
  user_id      text,
  job_type     text,
  status       text,
  created_at   text,
  updated_at   text,
  source_file  text,
  result_file  text,
  metadata     text
);

comment on table staging.jobs_jobs is
$$The jobs of the old app, each with the legacy id of its owner.$$;


create table staging.jobs_credit_transactions (
  id                text not null primary key,
  user_id           text,
  amount            text,
  transaction_type  text,
  reference_id      text,
  created_at        text,
  description       text
);

comment on table staging.jobs_credit_transactions is
$$The credits of the old app, each with the legacy id of its owner.$$;

select landfall.close_doors();
