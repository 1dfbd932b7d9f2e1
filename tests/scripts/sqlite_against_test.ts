import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { exitOfAgainst } from "../../scripts/invoke/against.ts";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { verify } from "../support/migration.ts";
import { type SqlitePipeline, sqlitePipeline } from "../support/sqlite_pipeline.ts";

/** What a comparison found: each kind with what it names. */
async function found(test: SqlitePipeline): Promise<[kind: string, named: unknown][]> {
  const { entities } = await test.against();
  return entities.flatMap(({ differences }) =>
    differences.flatMap(({ kind, sample }) =>
      sample.map(({ sourceKey, row }): [string, unknown] => [kind, sourceKey ?? row])
    )
  ).sort();
}

Deno.test("verify --against tells of columns that are gone or of another type, and of new ones", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table items (id integer primary key, at datetime, ratio real, gone text, kept text);
    insert into items values (1, '2024-01-01 10:00:00', 1.1, 'a', 'b');
  `);
  await test.move();
  assertEquals(await found(test), []);

  await test.sql`alter table items alter column at type date using at::date`;
  await test.sql`alter table items alter column ratio type real`;
  await test.sql`drop view transform.shop_items`;
  await test.sql`alter table items drop column gone`;
  test.make("alter table items add column extra text; create table more (id integer primary key)");

  assertEquals(await found(test), [
    ["column", "at"],
    ["column", "extra"],
    ["column", "gone"],
    ["column", "ratio"],
  ]);
  const report = await test.against();
  assertEquals([report.unknown, exitOfAgainst(report)], [["more"], 4]);

  await test.sql`drop table items`;
  const error = await assertRejects(() => test.against(), LandfallError);
  assertEquals(error.code, "LF106");
});

Deno.test("verify --against knows what a pipeline leaves where it is", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table items (id integer primary key, name text, password text);
    create table cache (id integer primary key);
    create table logs (id integer primary key);
    insert into items values (1, 'a', 'x');
  `);
  const mapping = await mappingFile(test, {
    items: { columns: { password: { skip: "nobody needs it" } } },
    cache: { skip: "it fills itself" },
  });
  await test.move({ mapping, tables: ["items", "cache"] });

  const report = await test.against();

  assertEquals([report.unknown, report.skipped, exitOfAgainst(report)], [[], ["cache", "logs"], 0]);
  const [staged] = await test.sql`select to_jsonb(row_) as row from staging.shop_items as row_`;
  assertEquals(staged!.row, { id: "1", name: "a" });
});

Deno.test("verify --against asks the file whether a row cannot be imported, not what an import said", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table notes (id integer primary key, body text);
    create table keys (k primary key, n int);
    insert into notes values (1, 'a'), (2, 'b' || char(0)), (3, 'c');
    insert into keys values ('31', 1), (x'31', 2);
  `);
  await test.move();
  const before = await test.against();
  assertEquals(before.entities.map(({ same, leftOut }) => [same, leftOut]), [[1, 1], [2, 1]]);
  assertEquals(exitOfAgainst(before), 3);

  test.make("update notes set body = 'mended' where id = 2");

  assertEquals(await found(test), [["missing", "2"]]);
});

Deno.test("verify --against compares a table all of whose columns follow new keys", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table users (id integer primary key, name text);
    create table roles (id integer primary key, name text);
    create table user_roles (
      user_id integer references users on delete cascade, role_id integer references roles,
      primary key (user_id, role_id)
    );
    insert into users values (1, 'a'), (2, 'b');
    insert into roles values (1, 'x');
    insert into user_roles values (1, 1), (2, 1), (3, 1);
  `);
  const add = { id: { type: "uuid", default: "gen_random_uuid()", primaryKey: true } };
  const columns = { id: { skip: "new ids are drawn" } };
  const mapping = await mappingFile(test, {
    users: { add, columns },
    roles: { add, columns },
    user_roles: { columns: { user_id: { follows: "users" }, role_id: { follows: "roles" } } },
  });

  await test.move({ mapping });

  const { entities } = await test.against();
  assertEquals(entities.map(({ entity, same, rejected }) => [entity, same, rejected]), [
    ["roles", 1, 0],
    ["user_roles", 2, 1],
    ["users", 2, 0],
  ]);
  assertEquals(await test.rejects(), { "'3','1'": ["user_id has no row in public.users"] });
  const [key] = await test.sql`
    select pg_get_constraintdef(oid) as key from pg_constraint where conname = 'user_roles_user_id_fkey'`;
  assertMatch(key!.key, /ON DELETE CASCADE$/);
});

Deno.test("secrets that are keys stand nowhere as they are: their md5 names the rows", async () => {
  await using test = await sqlitePipeline();
  test.make(`
    create table sessions (token text primary key, user_id integer references users, data blob);
    create table keys (api_key text primary key, v text) without rowid;
    create table users (id integer primary key);
    insert into users values (1);
    insert into sessions values ('SECRET-1', 1, null), ('SECRET-2', 9, null), ('SECRET-3', 1, x'00');
    insert into keys values ('SECRET-4', 'a'), ('SECRET-5', 'b' || char(0));
  `);

  const said: unknown[] = [await test.generate(), await test.import(), await test.migrate()];
  said.shift();
  await test.sql`update sessions set user_id = null`;
  await test.sql`delete from keys`;
  said.push(await verify(test.engine, "shop"), await test.against());
  said.push(await test.sql`select source_key from landfall.rejects`);
  said.push(await test.sql`select row_id from landfall.left_out`);

  assertEquals(JSON.stringify(said).includes("SECRET"), false);
  assert(JSON.stringify(said).includes("withheld"));
  const { entities } = await test.against();
  assertEquals(
    entities.map(({ entity, differences }) => [entity, differences.map(({ kind }) => kind)]),
    [["keys", ["lost"]], ["sessions", ["value"]], ["users", []]],
  );
});

async function mappingFile(test: SqlitePipeline, tables: unknown): Promise<string> {
  const path = `${test.folder}/${crypto.randomUUID()}.json`;
  await Deno.writeTextFile(path, JSON.stringify({ tables }));
  return path;
}
