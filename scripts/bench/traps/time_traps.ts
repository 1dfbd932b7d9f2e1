import { type Trap, TWENTY } from "./trap.ts";

/** Times, for which SQLite has no type. */
export const TIME_TRAPS: readonly Trap[] = [
  {
    name: "dates that are none, among valid ones",
    make: `
      create table visits (id integer primary key, day date);
      insert into visits values (1, '2024-02-29'), (2, 'tomorrow'), (3, '2024-13-45');
      insert into visits ${TWENTY} select n, date('2024-01-01', '+' || n || ' days') from numbers;`,
    check: `
      select count(*) filter (where id not in (2, 3)) <> 21 as "valid rows are lost",
        bool_or(pg_typeof(day) = 'text'::regtype) as "the column is no date",
        coalesce(
          bool_or(day::text is distinct from case id when 2 then 'tomorrow' else '2024-13-45' end)
            filter (where id in (2, 3)),
          false
        ) as "an odd date is made something else",
        count(*) < 23 as "rows are lost, exit code 0"
      from visits`,
  },
  {
    name: "zero and empty dates",
    make: `
      create table visits (id integer primary key, at datetime);
      insert into visits values (1, '2024-01-02 03:04:05'), (2, ''), (3, '0000-00-00 00:00:00');
      insert into visits ${TWENTY} select n, datetime(1700000000 + n, 'unixepoch') from numbers;`,
    check: `
      select count(*) filter (where id not in (2, 3)) <> 21 as "valid rows are lost",
        bool_or(pg_typeof(at) = 'text'::regtype) as "the column is no time",
        count(*) filter (where id in (2, 3)) > 0 as "they are made something else in silence",
        count(*) < 23 as "rows are lost, exit code 0"
      from visits`,
  },
  {
    name: "epoch milliseconds in a datetime column",
    make: `
      create table sessions (id integer primary key, at datetime);
      insert into sessions values (1, 1627303906122), (2, 1704164645123);`,
    check: `
      select count(*) <> 2 as "rows are lost",
        coalesce(
          sum(extract(epoch from at::timestamptz)) <> 3331468551.245, true
        ) as "the times differ"
      from sessions`,
  },
  {
    name: "epoch seconds in a datetime column",
    make: `
      create table sessions (id integer primary key, at datetime);
      insert into sessions values (1, 1627303906), (2, 1704164645);`,
    check: `
      select count(*) <> 2 as "rows are lost",
        coalesce(sum(extract(epoch from at::timestamptz)) <> 3331468551, true)
          as "the times differ"
      from sessions`,
  },
  {
    name: "times of several forms in one column",
    make: `
      create table sessions (id integer primary key, at datetime);
      insert into sessions values
        (1, '2024-01-02 03:04:05'), (2, '2024-01-02T03:04:05.000Z'), (3, 1704164645000),
        (4, '2024-01-02T05:04:05+02:00'), (5, 1704164645);`,
    check: `
      select count(*) <> 5 as "rows are lost",
        coalesce(bool_or(extract(epoch from at::timestamptz) <> 1704164645), true)
          as "the times differ"
      from sessions`,
  },
  {
    name: "times of day",
    make: `
      create table shifts (id integer primary key, begins time);
      insert into shifts values (1, '03:04:05'), (2, '23:59:59');`,
    check: `
      select string_agg(begins::text, ' ' order by id) is distinct from '03:04:05 23:59:59'
        as "values differ"
      from shifts`,
  },
];
