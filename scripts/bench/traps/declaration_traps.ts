import type { Trap } from "./trap.ts";

/** What columns are declared as, and what else a file holds. */
export const DECLARATION_TRAPS: readonly Trap[] = [
  {
    name: "a column declared ANY",
    make: `
      create table settings (id integer primary key, value any) strict;
      insert into settings values (1, 'dark'), (2, 42);`,
    check: `
      select count(*) <> 2 as "rows are missing",
        string_agg(value::text, ' ' order by id) is distinct from 'dark 42' as "a value differs"
      from settings`,
  },
  {
    name: "a declared type that nobody knows",
    make: `
      create table places (id integer primary key, shape fancy_shape(2, 3));
      insert into places values (1, 'round'), (2, 'flat');`,
    check: `
      select string_agg(shape::text, ' ' order by id) is distinct from 'round flat'
        as "values are missing"
      from places`,
  },
  {
    name: "a column without a type",
    make: `
      create table notes (id integer primary key, body);
      insert into notes values (1, 'a'), (2, 'b');`,
    check: `
      select string_agg(body::text, ' ' order by id) is distinct from 'a b' as "values are missing"
      from notes`,
  },
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
    name: "a default by strftime on an integer column",
    make: `
      create table documents (id integer primary key, revision integer default (strftime('%s', 'now')));
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
      select (select string_agg(active::text, ' ' order by id) not in ('0 1', 'false true') from peers)
          is not false as "values are missing",
        active is null or active::text not in ('0', 'false') as "the default differs"
      from made`,
  },
  {
    name: "an index on an expression",
    make: `
      create table people (id integer primary key, email text);
      create index people_by_email on people (lower(email));
      insert into people values (1, 'Ada@example.com');`,
    check: `
      select count(*) <> 1 as "the row is missing",
        not exists (
          select from pg_indexes
          where schemaname = current_schema() and indexdef like '%lower(%'
        ) as "the index is missing"
      from people`,
  },
  {
    name: "generated columns",
    make: `
      create table lines (
        id integer primary key, price integer, amount integer,
        total integer generated always as (price * amount) virtual,
        label text as ('no ' || id) stored
      );
      insert into lines (id, price, amount) values (1, 5, 3), (2, 7, 2);`,
    check: `
      select string_agg(total || ' ' || label, ', ' order by id) is distinct from '15 no 1, 14 no 2'
        as "values differ"
      from lines`,
  },
  {
    name: "a table of full-text search beside others",
    make: `
      create table posts (id integer primary key, body text);
      create virtual table search using fts5 (body);
      insert into posts values (1, 'a'), (2, 'b');
      insert into search values ('a');`,
    check: `select count(*) <> 2 as "rows are missing" from posts`,
  },
  {
    name: "views, one of them broken",
    make: `
      create table posts (id integer primary key, body text);
      create table gone (id integer);
      create view fine as select upper(body) as body from posts;
      create view broken as select id from gone;
      drop table gone;
      insert into posts values (1, 'a'), (2, 'b');`,
    check: `select count(*) <> 2 as "rows are missing" from posts`,
  },
];
