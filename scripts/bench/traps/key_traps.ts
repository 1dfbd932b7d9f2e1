import type { Trap } from "./trap.ts";

const LONG = "a_name_of_more_than_sixty_three_letters_as_tools_like_to_make_for_";

/** Keys, the numbers that they draw, and names. */
export const KEY_TRAPS: readonly Trap[] = [
  {
    name: "NULL in a primary key",
    make: `
      create table tags (name text primary key, used integer);
      insert into tags values ('a', 1), (null, 2), ('b', 3);`,
    check: `
      select count(*) filter (where used <> 2) <> 2 as "valid rows are lost",
        not refuses($$ insert into tags (name, used) values ('a', 4) $$)
          or not refuses('insert into tags (name, used) values (null, 4)') as "the key is missing",
        count(*) < 3 as "a row is lost, exit code 0"
      from tags`,
  },
  {
    name: "1 and '1' in a primary key without a type",
    make: `
      create table tags (name primary key, used integer);
      insert into tags values (1, 1), ('1', 2), (2, 3);`,
    check: `
      select count(*) filter (where used = 3) <> 1 as "a valid row is lost",
        not refuses('insert into tags (name, used) select name, 4 from tags where used = 3')
          as "the key is missing",
        count(*) < 3 as "a row is lost, exit code 0"
      from tags`,
  },
  {
    name: "integer primary key: the next id",
    make: `
      create table notes (id integer primary key, body text);
      insert into notes values (1, 'a'), (7, 'b');`,
    check: `
      with made as (insert into notes (body) values ('c') returning id)
      select (id > 7) is not true as "the id is not past the highest" from made`,
  },
  {
    name: "autoincrement in an empty table",
    make: `create table notes (id integer primary key autoincrement, body text);`,
    check: `
      with made as (insert into notes (body) values ('a') returning id)
      select (id > 0) is not true as "no id is drawn" from made`,
  },
  {
    name: "autoincrement: no id is given twice",
    make: `
      create table notes (id integer primary key autoincrement, body text);
      insert into notes values (1, 'a'), (900, 'b');
      delete from notes where id = 900;`,
    check: `
      with made as (insert into notes (body) values ('c') returning id)
      select (id > 900) is not true as "an id that was in use is given again" from made`,
  },
  {
    name: "a composite key of integers",
    make: `
      create table members (team integer, person integer, primary key (team, person));
      insert into members values (1, 1), (1, 2);`,
    check: `
      select count(*) filter (where atthasdef or attidentity <> '') > 0
          as "its columns draw numbers of their own",
        not refuses('insert into members (team, person) values (1, 2)') as "the key is missing"
      from pg_attribute
      where attrelid = 'members'::regclass and attnum > 0`,
  },
  {
    name: "a table without rowid, and one without a key",
    make: `
      create table words (word text primary key, n integer) without rowid;
      create table events (kind text, n integer);
      insert into words values ('a', 1), ('b', 2);
      insert into events values ('a', 1), ('a', 1);`,
    check: `
      select count(*) <> 2 or (select count(*) from events) <> 2 as "rows are missing",
        not refuses($$ insert into words (word, n) values ('a', 3) $$) as "the key is missing"
      from words`,
  },
  {
    name: "tables whose names are equal in their first 63 bytes",
    make: `
      create table ${LONG}one (id integer primary key, body text);
      create table ${LONG}two (id integer primary key, body text);
      insert into ${LONG}one values (1, 'a');
      insert into ${LONG}two values (1, 'b'), (2, 'c');`,
    check: `
      select string_agg(n::text, ' ' order by n) is distinct from '1 2' as "a table is missing"
      from pg_class
      cross join lateral count_rows(pg_class.oid) as counted (n)
      where relnamespace = current_schema()::regnamespace and relkind = 'r'`,
  },
  {
    name: "reserved words and capitals as names",
    make: `
      create table "order" (id integer primary key, "select" text, "userName" text, "group" integer);
      insert into "order" values (1, 'a', 'b', 2);`,
    check: `
      select bool_or(lower(to_jsonb(row_)::text)::jsonb =
          '{"id": 1, "select": "a", "username": "b", "group": 2}') is not true as "the row differs"
      from "order" as row_`,
  },
  {
    name: "names with blanks and digits",
    make: `
      create table "line items" (id integer primary key, "2nd price" integer, "a-b" text);
      insert into "line items" values (1, 5, 'x');`,
    check: `
      select bool_or("2nd price" = 5 and "a-b" = 'x') is not true as "the row differs"
      from "line items"`,
  },
];
