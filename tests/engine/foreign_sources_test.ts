import { assertEquals } from "@std/assert";
import postgres from "postgres";
import { startPostgres } from "../../scripts/stack/postgres.ts";
import { temporaryFolder } from "../../scripts/stack/temporary_folder.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { refusal } from "../support/refusal.ts";

const FIRST = "00000000-0000-0000-0000-00000000000a";
const OTHER = "00000000-0000-0000-0000-00000000000b";

Deno.test("import_foreign() reads a second Postgres through a foreign data wrapper, company by company", async () => {
  await using source = await secondPostgres();
  await using database = await reaching(source.url, source.password);
  const { sql } = database;
  const staged = async () =>
    (await sql`select id, name, born::text, tags from staging.firm_leads order by id`)
      .map((row) => ({ ...row }));
  const ann = { id: "1", name: "Ann", born: "2020-01-01 12:00:00.123456+00", tags: ["x", "y z"] };
  const bob = { id: "2", name: null, born: null, tags: null };

  const all = await load(sql);
  assertEquals(all, { leads: { staging: "staging.firm_leads", rows: 2 } });
  assertEquals(await staged(), [ann, bob]);

  await source.sql`update leads set name = 'Changed'`;
  assertEquals(await load(sql, [OTHER]), { leads: { staging: "staging.firm_leads", rows: 1 } });
  assertEquals(await staged(), [ann, { ...bob, name: "Changed" }]);

  // a row of another company cannot even be read
  await source.sql.unsafe(`
    alter table leads rename to hidden;
    create view leads as
    select id, company_id, name || (case when company_id = '${OTHER}' then '' else 1 / (id - id) || '' end)
      as name, born, tags from hidden`);
  assertEquals(await load(sql, [OTHER.toUpperCase()]), {
    leads: { staging: "staging.firm_leads", rows: 1 },
  });
});

Deno.test("import_foreign() refuses what does not fit, and leaves staging as it was (LF214, LF101, LF202, LF213)", async () => {
  await using database = await createDatabase();
  const { sql } = database;
  await sql.unsafe(`
    create schema firm_source;
    create table firm_source.leads (id int, company_id uuid, name text);
    create table firm_source.others (unlike text);
    insert into firm_source.leads values (1, '${FIRST}', 'Ann');`);
  await pipeline(sql);
  await load(sql);

  const refused = async (parameters: string) => {
    const { code, message } = await refusal(
      sql.unsafe(`select landfall.import_foreign(${parameters})`),
    );
    return [code, message];
  };
  assertEquals(await refused("'nope', 'firm_source'"), ["LF101", "There is no pipeline nope"]);
  assertEquals(await refused("'firm', 'nowhere'"), [
    "LF214",
    "Cannot import firm from schema nowhere: schema nowhere has no table leads",
  ]);
  assertEquals(await refused("'firm', 'firm_source', tables => '{leads,calls}'"), [
    "LF214",
    "Cannot import firm from schema firm_source: pipeline firm stages no table calls",
  ]);
  assertEquals(await refused(`'firm', 'firm_source', '{${FIRST},${OTHER}}'`), [
    "LF213",
    `There is no company ${OTHER} in schema firm_source`,
  ]);

  await sql`create table staging.firm_others (like firm_source.leads)`;
  assertEquals(await refused("'firm', 'firm_source'"), [
    "LF214",
    "Cannot import firm from schema firm_source: " +
    "others in schema firm_source has no column of staging.firm_others",
  ]);
  assertEquals(await refused(`'firm', 'firm_source', '{${FIRST}}', '{others,leads}'`), [
    "LF214",
    "Cannot import firm from schema firm_source: " +
    "others in schema firm_source has no column of staging.firm_others",
  ]);
  await sql`alter table firm_source.others add name text`;
  assertEquals(await refused(`'firm', 'firm_source', '{${FIRST}}'`), [
    "LF214",
    "Cannot import firm from schema firm_source: others has no column that names the company",
  ]);

  await sql`drop table staging.firm_others`;
  assertEquals(await refused("'firm', 'firm_source', '{}'"), [
    "LF214",
    "Cannot import firm from schema firm_source: companies are keys, at least one",
  ]);
  assertEquals(await refused("'firm', 'firm_source', '{nobody}'"), [
    "LF213",
    "A company's key is uuid",
  ]);
  await sql`alter table firm_source.leads rename company_id to tenant`;
  assertEquals(await refused(`'firm', 'firm_source', '{${FIRST}}'`), [
    "LF214",
    "Cannot import firm from schema firm_source: leads has no column that names the company",
  ]);
  await sql`alter table firm_source.leads add born text`;
  assertEquals(await refused("'firm', 'firm_source'"), [
    "LF214",
    "Cannot import firm from schema firm_source: " +
    "leads.born is text, and staging.firm_leads takes timestamp with time zone",
  ]);

  await sql`insert into landfall.runs (id, pipeline) values (1, 'firm')`;
  assertEquals((await refused("'firm', 'firm_source'"))[0], "LF202");
  assertEquals((await sql`select id from staging.firm_leads`).length, 1);
});

Deno.test("import_foreign() leaves a table alone that triggers fill", async () => {
  await using database = await createDatabase();
  const { sql } = database;
  await sql.unsafe(`
    create schema firm_source;
    create table firm_source.leads (id int, company_id uuid, name text);`);
  await pipeline(sql);
  await sql.unsafe(`
    create table staging.firm_parts (id text);
    comment on table staging.firm_parts is 'Parts of leads. Filled by triggers.'`);

  assertEquals(await load(sql), { leads: { staging: "staging.firm_leads", rows: 0 } });
});

async function load(sql: postgres.Sql, companies: string[] | null = null): Promise<unknown> {
  const [row] = await sql`
    select landfall.import_foreign(
      'firm', 'firm_source', ${companies && `{${companies}}`}::text[]) as loaded`;
  return row!.loaded;
}

async function pipeline(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    create table staging.firm_leads (
      id text primary key, company_id text, name text, born timestamptz, tags text[]
    );
    create view transform.firm_companies as select '' as scope_key, '' as label;
    select landfall.define_pipeline('firm', 'A pipeline of a test');
    select landfall.define_scopes('firm', 'transform.firm_companies', '{"leads": "company_id"}')`);
}

/** A database with the pipeline, and the tables of another Postgres as foreign ones. */
async function reaching(url: string, password: string): Promise<TestDatabase> {
  const database = await createDatabase();
  const { port, pathname } = new URL(url);
  const owner = new URL(database.url);
  owner.username = "supabase_admin";
  const admin = postgres(owner.href, { max: 1 });
  await admin.unsafe(`
    create extension postgres_fdw with schema extensions;
    grant usage on foreign data wrapper postgres_fdw to postgres`);
  await admin.end();
  await database.sql.unsafe(`
    create server old_crm foreign data wrapper postgres_fdw
      options (host '127.0.0.1', port '${port}', dbname '${pathname.slice(1)}');
    create user mapping for current_user server old_crm
      options (user 'postgres', password '${password}');
    create schema firm_source;
    import foreign schema public limit to (leads) from server old_crm into firm_source`);
  await pipeline(database.sql);
  return database;
}

interface SecondPostgres extends AsyncDisposable {
  readonly url: string;
  readonly password: string;
  readonly sql: postgres.Sql;
}

async function secondPostgres(): Promise<SecondPostgres> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await temporaryFolder({ fast: true }));
  const password = "second";
  const settings = { fsync: "off" };
  const server = starting.use(await startPostgres({ folder: folder.path, password, settings }));
  const sql = postgres(server.url(), { max: 1 });
  starting.defer(() => sql.end());
  await sql.unsafe(`
    create table leads (
      id int primary key, company_id uuid not null, name text, born timestamptz, tags text[],
      secret text
    );
    insert into leads values
      (1, '${FIRST}', 'Ann', '2020-01-01 12:00:00.123456+00', '{x,y z}', 'never asked for'),
      (2, '${OTHER}', null, null, null, null)`);
  const running = starting.move();
  return {
    url: server.url(),
    password,
    sql,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
