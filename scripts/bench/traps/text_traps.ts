import { type Trap, TWENTY } from "./trap.ts";

/** Texts and blobs. */
export const TEXT_TRAPS: readonly Trap[] = [
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
    name: "blobs of every byte, and of none",
    make: `
      create table files (id integer primary key, content blob);
      insert into files values (1, x'000109ff5c'), (2, x''), (3, zeroblob(3)), (4, null);`,
    check: `
      select string_agg(coalesce(encode(content, 'hex'), 'null'), ' ' order by id) is distinct from
          '000109ff5c  000000 null' as "values differ"
      from files`,
  },
  {
    name: "texts that COPY takes for marks of its own",
    make: `
      create table notes (id integer primary key, body text);
      insert into notes values (1, '\\N'), (2, '\\.'), (3, 'a' || char(9) || 'b' || char(10) || 'c:\\new');`,
    check: `
      select string_agg(body, ' ' order by id) is distinct from
          E'\\\\N \\\\. a\\tb\\nc:\\\\new' as "values differ"
      from notes`,
  },
  {
    name: "an empty text is not NULL",
    make: `
      create table notes (id integer primary key, body text);
      insert into notes values (1, ''), (2, null);`,
    check: `
      select string_agg(coalesce(body, 'null'), ' ' order by id) is distinct from ' null'
        as "values differ"
      from notes`,
  },
  {
    name: "a file in UTF-16",
    make: `
      pragma encoding = 'UTF-16le';
      create table notes (id integer primary key, body text);
      insert into notes values (1, 'é 表 😀');`,
    check: `select max(body) is distinct from 'é 表 😀' as "the text differs" from notes`,
  },
  {
    name: "JSON with an escaped NUL, among other JSON",
    make: `
      create table events (id integer primary key, data text);
      insert into events values (1, '{"a": "\\u0000"}');
      insert into events ${TWENTY} select n, '{"a": ' || n || '}' from numbers;`,
    check: `
      select count(*) filter (where id <> 1) <> 20 as "valid rows are lost",
        coalesce(bool_or(data::text <> '{"a": "\\u0000"}') filter (where id = 1), false)
          as "the document differs",
        count(*) < 21 as "a row is lost, exit code 0"
      from events`,
  },
];
