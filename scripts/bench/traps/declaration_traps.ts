import { type Trap, TWENTY } from "./trap.ts";

/** What columns are declared as, and what else a file holds. */
export const DECLARATION_TRAPS: readonly Trap[] = [
  {
    name: "a column declared ANY",
    make: `
      create table settings (id integer primary key, value any) strict;
      insert into settings values (1, 'dark'), (2, 42);`,
    check: `
      select string_agg(value::text, ' ' order by id) is distinct from 'dark 42' as "values differ"
      from settings`,
  },
  {
    name: "a declared type that nobody knows",
    make: `
      create table places (id integer primary key, shape fancy_shape(2, 3));
      insert into places values (1, 'round'), (2, 'flat');`,
    check: `
      select string_agg(shape::text, ' ' order by id) is distinct from 'round flat' as "values differ"
      from places`,
  },
  {
    name: "a column without a type",
    make: `
      create table notes (id integer primary key, body);
      insert into notes values (1, 'a'), (2, 'b');`,
    check: `
      select string_agg(body::text, ' ' order by id) is distinct from 'a b' as "values differ"
      from notes`,
  },
  {
    name: "varchar(5) with a longer text",
    make: `
      create table codes (id integer primary key, code varchar(5));
      insert into codes values (1, 'abc'), (2, 'abcdefgh');
      insert into codes ${TWENTY} select n, 'abc' from numbers;`,
    check: `
      select count(*) filter (where id <> 2 and code = 'abc') <> 21 as "valid rows are lost",
        coalesce(bool_or(code <> 'abcdefgh') filter (where id = 2), false) as "the text is cut",
        count(*) < 22 as "a row is lost, exit code 0"
      from codes`,
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
