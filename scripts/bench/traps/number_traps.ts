import { type Trap, TWENTY } from "./trap.ts";

/** Numbers and booleans. */
export const NUMBER_TRAPS: readonly Trap[] = [
  {
    name: "texts in an integer column",
    make: `
      create table orders (id integer primary key, amount integer);
      insert into orders values (1, 10), (2, 'N/A'), (3, '');
      insert into orders ${TWENTY} select n, n from numbers;`,
    check: `
      select count(*) filter (where id not in (2, 3)) <> 21 as "valid rows are lost",
        coalesce(
          bool_or(amount::text is distinct from case id when 2 then 'N/A' else '' end)
            filter (where id in (2, 3)),
          false
        ) as "an odd value is changed in silence",
        count(*) < 23 as "rows are lost, exit code 0"
      from orders`,
  },
  {
    name: "rows are missing: the exit code",
    make: `
      create table counters (id integer primary key, count integer);
      insert into counters values (1, 'many');
      insert into counters ${TWENTY} select n, n from numbers;`,
    check: `select count(*) < 21 as "rows are lost, exit code 0" from counters`,
  },
  {
    name: "a real beyond 64 bits in an integer column",
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
      insert into tweets values (9007199254740993, -9007199254740993), (9007199254740994, 5);`,
    check: `
      select string_agg(id || ' ' || author, ', ' order by id) is distinct from
          '9007199254740993 -9007199254740993, 9007199254740994 5' as "values differ"
      from tweets`,
  },
  {
    name: "the largest and smallest integer of 64 bits",
    make: `
      create table limits (id integer primary key, value integer);
      insert into limits values (1, 9223372036854775807), (2, -9223372036854775808);`,
    check: `
      select string_agg(value::text, ' ' order by id) is distinct from
          '9223372036854775807 -9223372036854775808' as "values differ"
      from limits`,
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
      insert into samples values (1, 0.1 + 0.2), (2, 16777217.5);`,
    check: `
      select string_agg(level::text, ' ' order by id) is distinct from
          '0.30000000000000004 16777217.5' as "digits are lost"
      from samples`,
  },
  {
    name: "infinity",
    make: `
      create table samples (id integer primary key, level real);
      insert into samples values (1, 0.5), (2, 9e999), (3, -9e999);`,
    check: `
      select count(*) filter (where id = 1) <> 1 as "the valid row is lost",
        coalesce(bool_or(level::text not in ('Infinity', '-Infinity')) filter (where id > 1), false)
          as "it is made something else",
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
        coalesce(
          bool_or(admin::text not in ('true', '1', 't')) filter (where id in (1, 3))
            or bool_or(admin::text not in ('false', '0', 'no')) filter (where id = 2),
          false
        ) as "a valid value differs",
        coalesce(bool_or(admin::text <> '2') filter (where id = 4), false)
          as "the odd value is changed in silence",
        count(*) < 24 as "rows are lost, exit code 0"
      from users`,
  },
];
