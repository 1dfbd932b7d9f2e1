import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type postgres from "postgres";
import { setup } from "../functions/setup.ts";
import { connectionsTo } from "../support/connections.ts";
import { ACME, crmId, GLOBEX, twoCompanies } from "../support/crm_source.ts";
import { withDatabase } from "./import_postgres.ts";
import { type Ended, runScript } from "./run_script.ts";

const OLD_CRM = `
  create table companies (id uuid primary key, name text, active text, created_at timestamptz);
  create table leads (
    id uuid primary key, company_id uuid, name text, email text, phone text, tags text[],
    fit_score text, custom_fields jsonb
  );
  create table conversions (
    id uuid primary key, company_id uuid, contact_id uuid, conversion_name text,
    conversion_identifier text, conversion_date timestamptz, conversion_value numeric(12, 2)
  );
  create table segments (id text primary key, company_id uuid, name text, rule_json jsonb)`;

/** An old CRM of two companies in a database of its own, and the new one with the API in front. */
async function crm() {
  await using starting = new AsyncDisposableStack();
  const test = starting.use(await setup(null));
  const name = `${test.database.name}_crm`;
  await test.sql.unsafe(`create database ${name} template template0`);
  starting.defer(async () => {
    await test.sql.unsafe(`drop database ${name} with (force)`);
  });
  const url = withDatabase(test.database.url, name);
  const source = starting.use(connectionsTo(url)).sql;
  await source.unsafe(OLD_CRM);
  for (const [table, rows] of Object.entries(twoCompanies())) {
    await source.unsafe(
      `insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
      [rows as unknown as string],
    );
  }
  const environment = {
    SUPABASE_URL: test.api.url,
    SUPABASE_SECRET_KEY: test.api.keys.secretKey,
    SUPABASE_DB_URL: test.database.url,
  };
  const running = starting.move();
  return {
    sql: test.sql,
    source,
    importing: (...flags: string[]): Promise<Ended> =>
      runScript("import.ts", ["postgres", url, "--pipeline", "crm", ...flags], environment),
    invoke: (...args: string[]): Promise<Ended> =>
      runScript("supabase.ts", ["functions", "invoke", ...args], environment),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function counts(sql: postgres.Sql): Promise<number[]> {
  const [row] = await sql`
    select array[
      (select count(*) from crm.organizations), (select count(*) from crm.leads),
      (select count(*) from crm.conversions), (select count(*) from crm.segments)
    ]::int[] as counts`;
  return row!.counts;
}

Deno.test("a company moves alone from another Postgres, is verified, and is taken back alone", async () => {
  await using test = await crm();

  const imported = await test.importing("--source-company", GLOBEX);
  assertEquals(imported.code, 0, imported.stderr);
  const staged = await test.sql`select company_id from staging.crm_leads`;
  assertEquals(new Set(staged.map(({ company_id }) => company_id)), new Set([GLOBEX]));

  const moved = await test.invoke("migrate", "--pipeline", "crm", "--source-company", GLOBEX);
  assertEquals([moved.code, await counts(test.sql)], [3, [1, 2, 1, 1]], moved.stderr);
  assertMatch(moved.stdout, /^conversions +conversions_orphaned: .+ 1 +e{8}-/m);

  // the other comes later; its rows stand beside those of the first
  assertEquals((await test.importing("--source-company", ACME)).code, 0);
  const before = await test.invoke("status", "--pipeline", "crm");
  assertMatch(before.stdout, /^c{8}\S+1 +Acme +not migrated +9 +0 +0 +0$/m);
  assertMatch(before.stdout, /^c{8}\S+2 +Globex +partly +10 +9 +1 +0$/m);
  assertEquals(
    (await test.invoke("migrate", "--pipeline", "crm", "--source-company", ACME)).code,
    0,
  );
  assertMatch(
    (await test.invoke("status", "--pipeline", "crm")).stdout,
    /^c{8}\S+1 +Acme +migrated +9 +9 +0 +0$/m,
  );
  for (const company of [ACME, GLOBEX]) {
    const verified = await test.invoke("verify", "--pipeline", "crm", "--source-company", company);
    assertEquals(verified.code, 0, verified.stdout);
  }

  const flags = ["rollback", "--run-id", "1", "--source-company", GLOBEX];
  const preview = await test.invoke(...flags);
  assertStringIncludes(preview.stdout, `--confirm --source-company ${GLOBEX}\n`);
  const undone = await test.invoke(...flags, "--confirm");
  assertEquals([undone.code, await counts(test.sql)], [0, [1, 2, 1, 1]]);
  assertMatch(undone.stdout, /\nRun 1 is rolled back in .+\.\n$/);
  const [left] = await test.sql`select name from crm.organizations`;
  assertEquals(left!.name, "Acme");
});

Deno.test("all companies move together, and the command says which was stopped and what to do", async () => {
  await using test = await crm();
  await test.source`update leads set email = null, phone = null where company_id = ${ACME}`;
  assertEquals((await test.importing()).code, 0);

  const flags = ["migrate", "--pipeline", "crm", "--batch-size", "1", "--workers", "1"];
  const moved = await test.invoke(...flags, "--max-rejects", "1");

  assertEquals(moved.code, 1, moved.stderr);
  assertMatch(
    moved.stdout,
    /^stopped +because\nc{8}\S+1 +more rows are rejected than the 1 allowed$/m,
  );
  const invoke = "deno task supabase functions invoke";
  assertStringIncludes(moved.stdout, `${invoke} migrate --pipeline crm --source-company ${ACME}\n`);
  assertStringIncludes(
    moved.stdout,
    `\nOr undo it: ${invoke} rollback --run-id 1 --source-company ${ACME}\n`,
  );
  const status = await test.invoke("status", "--run-id", "1");
  assertMatch(status.stdout, /^companies +2$/m);

  const undone = await test.invoke(
    "rollback",
    "--run-id",
    "1",
    "--source-company",
    ACME,
    "--tables",
    "organizations,leads",
    "--confirm",
  );
  assertMatch(
    undone.stdout,
    /\nTables organizations, leads of company c{8}\S+1 of run 1 are rolled back in .+\.\n$/,
  );
  assertEquals(await counts(test.sql), [1, 2, 1, 1]);
});

Deno.test("a company that is not there, or is no company's key, is refused wherever it is named", async () => {
  await using test = await crm();
  const nobody = crmId("a", 7);

  const imported = await test.importing("--source-company", nobody);
  assertMatch(imported.stderr, new RegExp(`There is no company ${nobody} in the source`));
  const migrated = await test.invoke("migrate", "--pipeline", "crm", "--source-company", nobody);
  assertMatch(migrated.stderr, /^error LF213: Pipeline crm has no source company /m);
  const elsewhere = await test.invoke("migrate", "--pipeline", "jobs", "--source-company", "1");
  assertMatch(elsewhere.stderr, /^error LF213: Pipeline jobs has no source companies /m);
  const empty = await test.invoke("migrate", "--pipeline", "crm", "--source-company=");
  assertMatch(empty.stderr, /^error LF008: --source-company needs a value\n/m);
  const kv = await test.invoke("migrate-kv", "--source-company", "1");
  assertMatch(kv.stderr, /^error LF008: Unknown flag --source-company\n/m);
  assertEquals(
    [imported, migrated, elsewhere, empty, kv].map(({ code }) => code),
    [2, 2, 2, 2, 2],
  );
});
