import { type Trap, TWENTY } from "./trap.ts";

/** Texts, blobs and numbers. */
export const VALUE_TRAPS: readonly Trap[] = [
  {
    name: "a text with a NUL",
    make: `
      create table notes (id integer primary key, body text);
      insert into notes values (1, 'first'), (2, 'nul' || char(0) || 'byte'), (3, 'last');`,
    check: `
      select count(*) filter (where id <> 2) <> 2 as "valid rows are lost",
        count(*) filter (where id = 2) > 0 as "the text is changed in silence",
        count(*) < 3 as "a row is lost, exit code 0"
      from notes`,
  },
  {
    name: "a text that is not UTF-8",
    make: `
      create table notes (id integer primary key, body text);
      insert into notes values (1, 'first'), (2, cast(x'61ff62' as text)), (3, 'valid'), (4, 'last');`,
    check: `
      select count(*) filter (where id <> 2) <> 3 as "valid rows are lost",
        count(*) filter (where id = 2) > 0 as "the text is changed in silence",
        count(*) < 4 as "rows are lost, exit code 0"
      from notes`,
  },
  {
    name: "a blob in a text column",
    make: `
      create table notes (id integer primary key, body text);
      insert into notes values (1, 'first'), (2, x'00ff'), (3, 'last');`,
    check: `
      select count(*) filter (where id <> 2) <> 2 as "valid rows are lost",
        coalesce(bool_or(pg_typeof(body) <> 'bytea'::regtype) filter (where id = 2), false)
          as "the blob became a text",
        count(*) < 3 as "a row is lost, exit code 0"
      from notes`,
  },
  {
    name: "texts in an integer column",
    make: `
      create table orders (id integer primary key, amount integer);
      insert into orders values (1, 10), (2, 'N/A'), (3, '');
      insert into orders ${TWENTY} select n, n from numbers;`,
    check: `
      select count(*) filter (where id not in (2, 3)) <> 21 as "valid rows are lost",
        coalesce(
          bool_or(amount::text is distinct from case id when 2 then 'N/A' when 3 then '' end)
            filter (where id in (2, 3)),
          false
        ) as "an odd value is changed in silence",
        count(*) < 23 as "rows are lost, exit code 0"
      from orders`,
  },
  {
    name: "a real beyond what an integer column takes",
    make: `
      create table counters (id integer primary key, count integer);
      insert into counters values (1, 9.3e18);
      insert into counters ${TWENTY} select n, n from numbers;`,
    check: `
      select count(*) filter (where id <> 1) <> 20 as "valid rows are lost",
        count(*) < 21 as "a row is lost, exit code 0"
      from counters`,
  },
  {
    name: "integers beyond 2^53",
    make: `
      create table tweets (id integer primary key, author integer);
      insert into tweets values
        (9007199254740993, 9223372036854775807), (9007199254740992, -9223372036854775808);`,
    check: `
      select string_agg(id || ' ' || author, ', ' order by id) is distinct from
          '9007199254740992 -9223372036854775808, 9007199254740993 9223372036854775807'
        as "values differ"
      from tweets`,
  },
  {
    name: "decimals",
    make: `
      create table products (id integer primary key, price decimal(10, 2));
      insert into products values (1, 0.1), (2, 0.2), (3, 19.99), (4, 1234567.89);`,
    check: `
      select sum(price) filter (where id < 3) is distinct from 0.3
          or sum(price) filter (where id > 2) is distinct from 1234587.88 as "sums are not exact"
      from products`,
  },
  {
    name: "reals with all their digits",
    make: `
      create table samples (id integer primary key, level real);
      insert into samples values (1, 0.1 + 0.2), (2, 16777217.5), (3, 1e300), (4, 1e-300);`,
    check: `
      select string_agg(level::text, ' ' order by id) is distinct from
          '0.30000000000000004 16777217.5 1e+300 1e-300'
        as "values differ"
      from samples`,
  },
  {
    name: "infinity",
    make: `
      create table samples (id integer primary key, level real);
      insert into samples values (1, 0.5), (2, 9e999), (3, -9e999);`,
    check: `
      select count(*) filter (where id = 1) <> 1 as "the valid row is lost",
        count(*) < 3 as "rows are lost, exit code 0"
      from samples`,
  },
  {
    name: "booleans in words, and one that is none",
    make: `
      create table users (id integer primary key, admin boolean);
      insert into users values (1, 't'), (2, 'no'), (3, 1), (4, 2);
      insert into users ${TWENTY} select n, n % 2 from numbers;`,
    check: `
      select count(*) filter (where id <> 4) <> 23 as "valid rows are lost",
        bool_or(admin::text not in ('true', '1', 't')) filter (where id in (1, 3))
          or bool_or(admin::text not in ('false', '0', 'no')) filter (where id = 2)
          as "a valid value differs",
        coalesce(bool_or(admin::text <> '2') filter (where id = 4), false)
          as "the odd value is changed in silence",
        count(*) < 24 as "rows are lost, exit code 0"
      from users`,
  },
];
