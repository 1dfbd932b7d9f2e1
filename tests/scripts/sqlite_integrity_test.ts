import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { sqlitePipeline } from "../support/sqlite_pipeline.ts";
import { typesOf } from "../support/sqlite_types.ts";
import { writeMigration } from "../../scripts/generate/sqlite/write/write_migration.ts";

Deno.test("foreign keys: implicit parents, composite and self references are kept, orphans rejected", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table comp (a integer, b text, primary key (a, b)) without rowid;
    create table gen (id integer primary key, parent references gen on delete set null);
    create table child (
      id integer primary key, x integer, y text, p text references gen on update cascade,
      foreign key (x, y) references comp deferrable initially deferred
    );
    insert into comp values (1, 'it''s'), (1, 'b'), (2, 'b');
    insert into gen values (1, null), (2, 1), (3, 3), (4, 99);
    insert into child values (1, 1, 'b', '1'), (2, 1, 'c', null), (3, null, 'c', 2), (4, 2, 'b', 99);
  `);

  const run = await test.move();

  assertEquals(await test.rejects(), {
    "2": ["x, y has no row in public.comp"],
    "4": ["p has no row in public.gen"],
  });
  const keys = await test.sql`
    select pg_get_constraintdef(oid) as key from pg_constraint
    where contype = 'f' and conrelid in ('gen'::regclass, 'child'::regclass) order by 1`;
  assertEquals(keys.map(({ key }) => key), [
    "FOREIGN KEY (p) REFERENCES gen(id) ON UPDATE CASCADE",
    "FOREIGN KEY (parent) REFERENCES gen(id) ON DELETE SET NULL",
    "FOREIGN KEY (x, y) REFERENCES comp(a, b) DEFERRABLE INITIALLY DEFERRED",
  ]);
  assertEquals((await typesOf(test.sql, "child")).p, "bigint");
  assertEquals((await typesOf(test.sql, "comp")).a, "bigint");
  const sources = await test.sql`
    select source_key from landfall.lineage join landfall.entities on entities.id = entity_id
    where entities.name = 'comp' order by 1`;
  assertEquals(sources.map(({ source_key }) => source_key), ["'1','b'", "'1','it''s'", "'2','b'"]);
  assertEquals(run.entities.map(({ entity, rejected }) => [entity, rejected]), [
    ["comp", 0],
    ["gen", 1],
    ["child", 2],
  ]);
  const { entities } = await test.against();
  assertEquals(entities.map(({ same, rejected }) => [same, rejected]), [[2, 2], [3, 0], [3, 1]]);
});

Deno.test("foreign keys that form a circle are postponed, their orphans rejected all the same", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table people (id integer primary key, team integer references teams, name text);
    create table teams (id integer primary key, lead integer not null references people);
    insert into people values (1, 1, 'a'), (2, 7, 'b'), (3, null, 'c');
    insert into teams values (1, 1), (2, 3);
  `);

  const plan = await test.generate();
  await test.import();
  await test.migrate();

  assertEquals(await test.rejects(), { "2": ["team names no row of teams"] });
  const [postponed] = /^-- {3}alter table [^;]*;$/m.exec(writeMigration(plan))!;
  assertMatch(postponed, /foreign key \(team\)/);
  const addKey = postponed.replaceAll(/^-- {3}/gm, "");
  const refused = await test.sql.unsafe(addKey).then(() => undefined, (error) => error.code);
  assertEquals(refused, undefined);
});

Deno.test("foreign keys that SQLite itself would refuse are left out, with the reason", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table parents (id integer primary key, code text, word text collate nocase unique);
    create table folded (name text collate nocase primary key);
    create table spelled (id integer primary key, name text references folded);
    insert into folded values ('Abc');
    insert into spelled values (1, 'abc');
    create table orphans (
      id integer primary key, gone integer references nowhere, code text references parents (code),
      word text references parents (word), blob_ blob references parents
    );
    insert into parents values (1, 'a', 'A');
    insert into orphans values (1, 5, 'x', 'a', x'01');
  `);

  const plan = await test.generate();
  await test.import();
  const run = await test.migrate();

  assertEquals(run.rejects, []);
  assertEquals(
    plan.verdicts.filter(({ kind }) => kind === "foreign key").map(({ name, why }) => [name, why]),
    [
      ["gone", "there is no table nowhere in the pipeline"],
      ["code", "what it refers to is not unique in parents, so SQLite itself would refuse it"],
      ["word", "what it refers to is unique by another collation only"],
      ["blob_", "blob_ is bytea and what it refers to is bigint"],
      ["name", "Postgres compares to the letter, and 1 rows are not spelled as what they refer to"],
    ],
  );
});

Deno.test("keys: NULL in one, 1 beside '1', none at all, and blobs each name their rows", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table nulls (id text primary key, n int);
    create table same (id primary key, n int);
    create table none (n int, id text);
    create table blobs (id blob primary key not null, n int);
    create table hidden (rowid text, _rowid_ int);
    insert into nulls values ('a', 1), (null, 2), (null, 3);
    insert into same values (1, 1), ('1', 2), (2, 3);
    insert into none values (1, 'x'), (1, 'x');
    insert into blobs values (x'00', 1), (x'01ff', 2);
    insert into hidden values ('a', 1);
  `);

  const run = await test.move();

  assertEquals(
    run.entities.map(({ entity, inserted, rejected }) => [entity, inserted, rejected]).sort(),
    [["blobs", 2, 0], ["hidden", 1, 0], ["none", 2, 0], ["nulls", 1, 2], ["same", 2, 1]],
  );
  const rejects = await test.rejects();
  assertEquals(rejects["rowid 3"], ["id is missing"]);
  assertEquals(await test.rows("none"), [
    { row_id: 1, n: 1, id: "x" },
    { row_id: 2, n: 1, id: "x" },
  ]);
  const { entities } = await test.against();
  assertEquals(
    entities.map(({ entity, differences }) => [entity, differences.map(({ kind }) => kind)]),
    [["blobs", []], ["hidden", []], ["none", []], ["nulls", []], ["same", []]],
  );
});

Deno.test("sequences stand past the highest id there ever was, in empty tables too", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table plain (id integer primary key, n int);
    create table counted (id integer primary key autoincrement, n int);
    create table empty (id integer primary key, n int);
    insert into plain values (7, 1);
    insert into counted values (1, 1), (900, 2);
    delete from counted where id = 900;
  `);

  await test.move();

  for (const [table, next] of [["plain", 8], ["counted", 901], ["empty", 1]]) {
    const [made] = await test.sql.unsafe(`insert into ${table} (n) values (5) returning id::int`);
    assertEquals(made!.id, next, String(table));
  }
});

Deno.test("constraints: what unique, not null, check, collations and partial indexes say stays so", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table accounts (
      id integer primary key, email text not null collate nocase unique, age int check (age >= 18),
      state text default 'new' check (state in ('new', 'old')), total int generated always as (age * 2),
      label text as (email || '!') stored, made_at datetime default (datetime('now')),
      at_ms integer default (strftime('%s', 'now') * 1000), unique (state, age)
    );
    create unique index one_old on accounts (age) where state = 'old';
    create index by_lower on accounts (lower(email), age desc);
    insert into accounts (id, email, age, state, made_at, at_ms) values
      (1, 'Ada@x', 20, 'new', '2024-01-01 10:00:00', 5), (2, 'b@x', 20, 'old', '2024-01-01 10:00:00', 6);
  `);

  await test.move();

  const refused = async (statement: string) => {
    const error = await test.sql.unsafe(statement).then(() => undefined, (error) => error);
    return error?.constraint_name ?? error?.column_name ?? "taken";
  };
  const insert = (values: string) => `insert into accounts (email, age, state) values (${values})`;
  assertEquals(await refused(insert("'ADA@X', 30, 'new'")), "accounts_email_key");
  assertEquals(await refused(insert("null, 30, 'new'")), "email");
  assertEquals(await refused(insert("'c@x', 17, 'new'")), "accounts_age_check");
  assertEquals(await refused(insert("'c@x', 30, 'odd'")), "accounts_state_check");
  assertEquals(await refused(insert("'c@x', 20, 'old'")), "accounts_state_age_key");
  assertEquals(
    await refused("update accounts set state = 'old' where id = 1"),
    "accounts_state_age_key",
  );
  assertEquals(await refused(insert("'d@x', 40, 'new'")), "taken");
  const [made] = await test.sql`
    select total::int, label, made_at > now() - interval '1 minute' as now_, at_ms > 1e12 as millis
    from accounts where email = 'd@x'`;
  assertEquals(made, { total: 80, label: "d@x!", now_: true, millis: true });
  const indexes = await test.sql`
    select indexdef from pg_indexes where indexname in ('one_old', 'by_lower') order by 1`;
  assertEquals(indexes.map(({ indexdef }) => indexdef.replace(/^.* USING /, "")), [
    `btree (lower((email COLLATE "C")), age DESC)`,
    "btree (age) WHERE (state = 'old'::text)",
  ]);
  assertEquals((await test.against()).entities[0]!.differences, []);
});

Deno.test("constraints: names that clash, long texts in indexes and on conflict clauses stop nothing", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table pages (
      id integer primary key, url text unique on conflict replace, title text, code text,
      constraint twice check (id > 0), constraint twice check (id < 100),
      constraint pages_pkey check (id <> 50), constraint pages_code_key check (code <> ''),
      unique (code)
    );
    create index by_title on pages (title);
    insert into pages values (1, printf('%.*c', 5000, 'x'), printf('%.*c', 9000, 'y'), 'a'), (2, 'b', 'c', 'd');
  `);

  const plan = await test.generate();
  await test.import();
  const run = await test.migrate();

  assertEquals(run.rejects, []);
  const constraints = await test.sql`
    select conname from pg_constraint where conrelid = 'pages'::regclass and contype <> 'n' order by 1`;
  assertEquals(constraints.map(({ conname }) => conname), [
    "pages_code_key",
    "pages_code_key_2",
    "pages_pkey",
    "pages_pkey_2",
    "twice",
    "twice_2",
  ]);
  const indexes = await test.sql`
    select indexdef from pg_indexes where tablename = 'pages' and indexdef like '%md5%' order by 1`;
  assertEquals(indexes.map(({ indexdef }) => indexdef.replace(/ ON .*/, "")), [
    "CREATE INDEX by_title",
    "CREATE UNIQUE INDEX pages_url_key",
  ]);
  assertEquals(
    plan.verdicts.filter(({ kind }) => kind === "on conflict").map(({ name }) => name),
    ["unique on conflict replace"],
  );
});

Deno.test("generate sqlite refuses a table that cannot have a key, or has too many columns (LF013)", async () => {
  await using test = await sqlitePipeline();
  test.make("create table hidden (rowid, _rowid_, oid)");
  const hidden = await assertRejects(() => test.plan(), LandfallError);
  test.make(`drop table hidden;
    create table wide (${Array.from({ length: 1_600 }, (_, nth) => `c${nth}`).join(", ")})`);
  const wide = await assertRejects(() => test.plan(), LandfallError);

  assertEquals([hidden.code, wide.code], ["LF013", "LF013"]);
  assertMatch(hidden.message, /: it has no primary key$/);
  assertMatch(wide.message, /: it has 1601 columns, /);
});

Deno.test("a circle's parents that were rejected are found, though nothing refuses their children", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table emp (id integer primary key, dept integer not null references dept, born date);
    create table dept (id integer primary key, head integer references emp);
    insert into dept values (1, 1), (2, 2), (3, null);
    insert into emp values (1, 1, '2000-01-01'), (2, 2, 'never');
    insert into emp select 10 + key, 3, '2000-01-01' from json_each('[${"1,".repeat(30)}1]');
  `);

  const run = await test.move();

  assertEquals(Object.keys(await test.rejects()), ["2"]);
  assertEquals(run.findings.map(({ reason, count, sample }) => [reason, count, sample]), [
    ["head of dept names a row that is not there: its foreign key cannot be added", 1, ["2"]],
  ]);
});

Deno.test("a key that gives way to another stays unique, so that foreign keys still reach it", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table users (id integer primary key, name text);
    create table posts (id integer primary key, author integer references users on delete cascade);
    insert into users values (7, 'a');
    insert into posts values (1, 7), (2, 8);
  `);
  const mapping = `${test.folder}/mapping.json`;
  await Deno.writeTextFile(
    mapping,
    JSON.stringify({
      tables: {
        users: {
          add: { uid: { type: "uuid", default: "gen_random_uuid()", primaryKey: true } },
          columns: { id: { type: "integer" } },
        },
      },
    }),
  );

  await test.move({ mapping });

  assertEquals(await test.rejects(), { "2": ["author has no row in public.users"] });
  const [made] = await test.sql`insert into users (name) values ('b') returning id`;
  assertEquals(made!.id, 8);
});
