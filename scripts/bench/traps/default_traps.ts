import type { Trap } from "./trap.ts";

/** Defaults, by the row that is inserted next. */
export const DEFAULT_TRAPS: readonly Trap[] = [
  {
    name: "default (datetime('now'))",
    make: `
      create table posts (
        id integer primary key, title text, created_at datetime default (datetime('now'))
      );
      insert into posts values (1, 'a', '2024-01-02 03:04:05');`,
    check: `
      with made as (insert into posts (id, title) values (2, 'b') returning created_at)
      select (select count(*) from posts) <> 1 as "the row is missing",
        coalesce(abs(extract(epoch from now() - created_at::timestamptz)) > 60, true)
          as "the default is not the time of the insert"
      from made`,
  },
  {
    name: "default current_timestamp",
    make: `
      create table posts (
        id integer primary key, title text, created_at datetime default current_timestamp
      );
      insert into posts values (1, 'a', '2024-01-02 03:04:05');`,
    check: `
      with made as (insert into posts (id, title) values (2, 'b') returning created_at)
      select (select count(*) from posts) <> 1 as "the row is missing",
        coalesce(abs(extract(epoch from now() - created_at::timestamptz)) > 60, true)
          as "the default is not the time of the insert"
      from made`,
  },
  {
    name: "a default by strftime on an integer column",
    make: `
      create table documents (
        id integer primary key, revision integer default (strftime('%s', 'now'))
      );
      insert into documents values (1, 7), (2, 1700000000);`,
    check: `
      with made as (insert into documents (id) values (3) returning revision)
      select (select sum(revision) from documents) is distinct from 1700000007
          as "values are missing",
        coalesce(abs(extract(epoch from now()) - revision) > 60, true)
          as "the default is not the second of the insert"
      from made`,
  },
  {
    name: "numeric default false, as GORM writes it",
    make: `
      create table peers (id integer primary key, name text, active numeric default false);
      insert into peers values (1, 'a', 0), (2, 'b', 1);`,
    check: `
      with made as (insert into peers (id, name) values (3, 'c') returning active)
      select (
          select string_agg(active::text, ' ' order by id) in ('0 1', 'false true') from peers
        ) is not true as "values differ",
        (active::text in ('0', 'false')) is not true as "the default differs"
      from made`,
  },
  {
    name: "boolean default 1",
    make: `
      create table users (id integer primary key, active boolean default 1);
      insert into users values (1, 0), (2, 1);`,
    check: `
      with made as (insert into users (id) values (3) returning active)
      select (
          select string_agg(active::text, ' ' order by id) in ('0 1', 'false true') from users
        ) is not true as "values differ",
        (active::text in ('1', 'true')) is not true as "the default differs"
      from made`,
  },
  {
    name: "a default with a quote in it",
    make: `
      create table users (id integer primary key, greeting text default 'it''s me');
      insert into users values (1, 'a');`,
    check: `
      with made as (insert into users (id) values (2) returning greeting)
      select greeting is distinct from 'it''s me' as "the default differs" from made`,
  },
];
