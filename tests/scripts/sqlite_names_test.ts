import { assertEquals, assertMatch } from "@std/assert";
import { quoted } from "../../scripts/import/staging/quoted.ts";
import { RESERVED } from "../../scripts/generate/sql/identifier.ts";
import { writeMigration } from "../../scripts/generate/sqlite/write/write_migration.ts";
import { createDatabase } from "../support/database.ts";
import { sqlitePipeline } from "../support/sqlite_pipeline.ts";
import { typesOf } from "../support/sqlite_types.ts";

Deno.test("names of any kind become tables and columns of that name, and rows go through them", async () => {
  await using test = await sqlitePipeline();
  const names = [
    "select",
    "Order Items",
    'the "best"',
    "a/b\\c",
    "2fa",
    "ıI",
    "表",
    "it's",
    "%s $$ %I",
    "--",
    "*/",
  ];
  for (const name of names) {
    test.make(`create table ${quoted(name)} (
      ${quoted(name)} integer primary key, "Case" text default 'it''s', "user" int references ${
      quoted(name)
    },
      "source_key" text, "xmin" int, "lf_row" int, "" int, unique ("Case", "user"))`);
    test.make(`create index ${quoted(`${name} idx`)} on ${quoted(name)} ("user" desc)`);
    test.make(
      `insert into ${quoted(name)} values (1, 'x', null, 'k', 1, 2, 3), (2, 'y', 1, 'k', 1, 2, 3)`,
    );
  }

  const run = await test.move();

  assertEquals(run.rejects, []);
  assertEquals(run.entities.length, names.length);
  for (const name of names) {
    assertEquals(
      Object.keys(await typesOf(test.sql, `public.${quoted(name)}`)),
      [name, "Case", "user", "source_key_2", "xmin_2", "f_row", "column"],
    );
  }
  const { entities } = await test.against();
  assertEquals(
    entities.map(({ same, differences }) => [same, differences]),
    names.map(() => [2, []]),
  );
});

Deno.test("names that are too long or clash are resolved, and listed", async () => {
  await using test = await sqlitePipeline();
  const long = "a".repeat(70);
  test.make(`
    create table ${long}1 (id integer primary key, ${long}x text, ${long}y text);
    create table ${long}2 (id integer primary key, ${"ü".repeat(40)} text);
    create table users (id integer primary key, n int);
    create index users_pkey on users (n);
    create table clash (id integer primary key, "userId" int, user_id int, "user id" int);
    insert into ${long}1 values (1, 'x', 'y');
    insert into ${long}2 values (1, 'ü');
    insert into users values (1, 2);
    insert into clash values (1, 2, 3, 4);
  `);

  const plan = await test.generate({ snakeCase: true });
  await test.import();
  await test.migrate();

  const cut = "a".repeat(61);
  assertEquals(await typesOf(test.sql, "a".repeat(63)), {
    id: "bigint",
    ["a".repeat(63)]: "text",
    [`${cut}_2`]: "text",
  });
  assertEquals(Object.keys(await typesOf(test.sql, "clash")), [
    "id",
    "user_id",
    "user_id_2",
    "user_id_3",
  ]);
  assertEquals((await test.against()).entities.map(({ same }) => same), [1, 1, 1, 1]);
  const listed = plan.verdicts.filter(({ why }) => why?.includes("its name is"));
  assertEquals(
    listed.map(({ table, name, why }) => [table?.slice(-4), name.slice(-4), why!.slice(-10)]),
    [
      [undefined, "aaa1", "aaaaaaaaaa"],
      ["aaa1", "aaax", "aaaaaaaaaa"],
      ["aaa1", "aaay", "aaaaaaaa_2"],
      [undefined, "aaa2", "aaaaaaaa_2"],
      ["aaa2", "üüüü", "üüüüüüüüüü"],
      ["lash", "r_id", " user_id_2"],
      ["lash", "r id", " user_id_3"],
      ["sers", "pkey", "ers_pkey_2"],
    ],
  );
});

Deno.test("a name that is a word of the server's is quoted", async () => {
  await using database = await createDatabase();
  const words = await database.sql`select word from pg_get_keywords() where catcode <> 'U'`;

  assertEquals(words.map(({ word }) => word).filter((word) => !RESERVED.has(word)), []);
});

Deno.test("texts of the file cannot break out of the comments and literals they stand in", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table t (id integer primary key, a text check (a <> '*/ drop table x; --'
      and instr(a, 'x
      y') > -1 and likely(1)), b text default '$$;\\x''; select 1; --');
    create view v as select '*/
      -- $$' as a;
    create trigger tr after insert on t begin select '
      ; drop schema landfall cascade; /* $rule$'; end;
    insert into t values (1, 'a', null);
  `);

  const plan = await test.generate({ file: "*/ '$$\n--.db" });
  await test.import();
  await test.migrate();

  const [made] = await test.sql`insert into t (id, a) values (2, 'b') returning b`;
  assertEquals(made!.b, "$$;\\x'; select 1; --");
  assertMatch(writeMigration(plan), /^-- trigger tr of t: /m);
});

Deno.test("names and values with line ends, comments and dollar quotes stay what they are", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table "x/*y" (id integer primary key, "new
line" text, note text);
    create table "p\r;create table public.pwned (i int);--" (
      id integer primary key, "c$$d$rule_1$" integer references q
    );
    create table q (id integer primary key,
      p integer not null references "p\r;create table public.pwned (i int);--");
    create view v as select '*/*/*/*/ create table public.pwned (i int);--';
    insert into "x/*y" values (1, 'a', 'n
/a'), (2, 'b', 'c');
  `);
  const mapping = `${test.folder}/mapping.json`;
  await Deno.writeTextFile(
    mapping,
    JSON.stringify({
      tables: {
        "x/*y": {
          columns: {
            "new\nline": { name: "joined", expression: "legacy.\"new\nline\" || '\n' || {note}" },
            note: { nulls: ["n\n/a"] },
          },
        },
      },
    }),
  );

  await test.move({ mapping });

  assertEquals(await test.rows('"x/*y"'), [
    { id: 1, joined: null, note: null },
    { id: 2, joined: "b\nc", note: "c" },
  ]);
  const [pwned] = await test.sql`select to_regclass('public.pwned') as it`;
  assertEquals(pwned!.it, null);
  assertEquals((await test.against()).entities.flatMap(({ differences }) => differences), []);
});
