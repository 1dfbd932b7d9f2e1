import { assert, assertEquals, assertMatch } from "@std/assert";
import { listRelations } from "../../scripts/import/postgres/list_relations.ts";
import { planTable } from "../../scripts/import/postgres/plan_table.ts";
import { typesOfTarget } from "../../scripts/import/postgres/types_of_target.ts";
import { postgresSetup } from "./import_postgres.ts";

/** Functions and operators that anybody may put in the place of Postgres's own. */
const PLANTED = `
  create function public.planted() returns text language plpgsql as
    $$ begin raise exception 'planted' using errcode = 'ZZ001'; end $$;
  create function public.planted(text, text) returns boolean language plpgsql as
    $$ begin raise exception 'planted' using errcode = 'ZZ001'; end $$;
  create function public.format(text, name, name) returns text language sql as
    $$ select public.planted() $$;
  create function public.format_type(oid, integer) returns text language sql as
    $$ select public.planted() $$;
  create function public.lower(text) returns text language sql as $$ select public.planted() $$;
  create function public.planted(regproc, integer) returns boolean language sql as
    $$ select public.planted('', '') $$;
  create operator public.<> (leftarg = regproc, rightarg = integer, function = public.planted);
  create operator public.= (leftarg = text, rightarg = text, function = public.planted);`;

Deno.test("import postgres calls nothing that was planted at the source", async () => {
  await using test = await postgresSetup();
  await test.source.unsafe(`
    create table things (id int, mood varchar(9));
    insert into things values (1, 'sad'), (2, 'glad');
    ${PLANTED}`);
  const database = new URL(test.url).pathname.slice(1);
  await test.source.unsafe(`alter database ${database} set search_path = public, pg_catalog`);

  await test.report(["--where", "things:mood = 'sad'"]);

  assertEquals(await test.rows("shop_things"), [["1", "sad"]]);
});

Deno.test("import postgres calls nothing that was planted in a dump", async () => {
  await using test = await postgresSetup();
  const dump = await test.file(
    "app.sql",
    `create table public.things (id int, mood varchar(9));
    insert into public.things values (1, 'sad');
    ${PLANTED}
    alter role current_user set search_path = public, pg_catalog;
    set search_path = public, pg_catalog;\n`,
  );

  await test.report([], dump);

  assertEquals(await test.rows("shop_things"), [["1", "sad"]]);
});

Deno.test("import postgres executes no text that the source wrote as a type", async () => {
  await using test = await postgresSetup();
  await test.source`create table things (id int, list int[], note varchar(9))`;
  const [things] = await listRelations((statement) => test.source.unsafe(statement), "public");
  const label = "int); drop table staging.kept; create table staging.more (id int";
  const forged = {
    ...things!,
    columns: things!.columns.flatMap((column, nth) => [
      { ...column, type: { ...column.type, label, bare: label } },
      {
        name: `made_up_${nth}`,
        type: { ...column.type, name: label, label, bare: label },
      },
    ]),
  };

  const [relation] = await test.target.sql.begin((transaction) =>
    typesOfTarget(transaction, [forged])
  );
  const plan = planTable(
    { pipeline: "shop", companies: [] } as unknown as Parameters<typeof planTable>[0],
    relation!,
    undefined,
  );

  assertEquals(plan.columns.map(({ name, type }) => [name, type]), [
    ["id", "integer"],
    ["made_up_0", "text"],
    ["list", "integer[]"],
    ["made_up_1", "text[]"],
    ["note", "character varying(9)"],
    ["made_up_2", "text"],
  ]);
});

Deno.test("import postgres takes names without a schema for Postgres's own in conditions (LF008)", async () => {
  await using test = await postgresSetup();
  await test.source.unsafe(`
    create table things (id int);
    create function one() returns int language sql as 'select 1';
    insert into things values (1), (2)`);

  const { code, stderr } = await test.run(["--where", "things:id = one()"]);
  await test.report(["--where", "things:id = public.one()"]);

  assertEquals(code, 2);
  assertMatch(stderr, /^error LF008: .*\n.*function one\(\) does not exist.*\n.*with its schema/);
  assertEquals(await test.rows("shop_things"), [["1"]]);
});

Deno.test("import postgres reads no other server than its URL names first (LF008)", async () => {
  await using test = await postgresSetup();
  for (const name of ["host", "hostaddr", "port", "user", "password", "dbname", "service"]) {
    const { code, stderr } = await test.run([], `${test.url}?${name}=secret`);
    assertEquals(code, 2);
    assertMatch(
      stderr,
      /^error LF008: The source's URL says where it is behind the question mark\n/,
    );
    assertMatch(stderr, new RegExp(`What stands there: ${name}\\.`));
    assert(!stderr.includes("secret"), stderr);
  }
});

Deno.test("import postgres repeats no URL that was mistyped (LF008)", async () => {
  await using test = await postgresSetup();
  const mistyped = [
    "postgresql:u:secret@host",
    "postgresql:/u:secret@host",
    "u:secret@host",
    "postgresql//u:secret@host:5432",
    "postgres;//u:secret@h",
    "Postgresql:secret",
  ];
  const file = await test.file(
    "postgres@home.sql",
    "create table things (id int);\ninsert into things values (1);\n",
  );

  await Promise.all(mistyped.map(async (url) => {
    const { code, stdout, stderr } = await test.run(["--json"], url);
    assertEquals(code, 2);
    assertMatch(stderr, /^error LF008: The source is neither a URL of Postgres nor a file that/);
    assert(!`${stdout}${stderr}`.includes("secret"), stderr);
  }));
  assertEquals((await test.report([], file)).tables.things!.rows, 1);
});

Deno.test("import postgres shows no row that a function of either side quotes (LF011)", async () => {
  await using test = await postgresSetup();
  const { sql } = test.target;
  const raise = (schema: string) => `
    create function ${schema}.told(said text, state text) returns text language plpgsql as
      $$ begin raise exception 'cannot take %', said using errcode = state; end $$`;
  await test.source.unsafe(`
    create table things (id int, note text); insert into things values (1, 'secret');
    ${raise("public")}`);
  await sql.unsafe(`
    create table staging.shop_things (id int, note text);
    ${raise("staging")};
    create function staging.refuse() returns trigger language plpgsql as
      $$ begin perform staging.told(new.note, tg_argv[0]); return new; end $$`);

  for (const state of ["P0001", "ZZ001", "42501", "23505", "55P03", "EPIPE", "22003"]) {
    const read = await test.run([
      "--json",
      "--where",
      `things:public.told(note, '${state}') is null`,
    ]);
    await sql.unsafe(`create or replace trigger refuse before insert on staging.shop_things
      for each row execute function staging.refuse('${state}')`);
    const written = await test.run(["--json"]);
    await sql`drop trigger refuse on staging.shop_things`;
    for (const { code, stdout, stderr } of [read, written]) {
      assert(code !== 0);
      assert(!`${stdout}${stderr}`.includes("secret"), stderr);
      assertMatch(stderr, new RegExp(`Postgres failed with ${state}`));
    }
    assertMatch(written.stderr, /^error LF011: .*shop_things: it refuses a row\n/);
  }
  await sql`insert into staging.shop_things values (1, 'secret')`;
  await sql.unsafe(`
    create function staging.keep() returns trigger language plpgsql as
      $$ begin perform staging.told((select min(note) from staging.shop_things), '42501'); end $$;
    create trigger keep before truncate on staging.shop_things execute function staging.keep()`);
  const kept = await test.run(["--json"]);
  assertMatch(kept.stderr, /^error LF011: Cannot empty the .+\n {2}Postgres failed with 42501\.\n/);
  assert(!`${kept.stdout}${kept.stderr}`.includes("secret"), kept.stderr);
  await sql`drop trigger keep on staging.shop_things`;
  await sql`truncate staging.shop_things`;
  await sql`alter table staging.shop_things
    add column n smallint generated always as (('9' || length(note) || '99999')::int2) stored`;
  const { stderr } = await test.run();
  assertMatch(stderr, /^error LF011: .*\n {2}Postgres failed with 22003\./);
});
