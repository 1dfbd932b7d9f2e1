import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { createDatabase } from "../support/database.ts";
import { ACME, crmId, GLOBEX, stageCrm, twoCompanies } from "../support/crm_source.ts";
import { dryRun, migrate, outcome, rollBack, startRun, verify } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";

const acme = { sourceCompany: [ACME] };
const globex = { sourceCompany: [GLOBEX] };

async function setup(source = twoCompanies()) {
  const database = await createDatabase();
  await stageCrm(database.sql, source);
  return { ...database, engine: database.as("service_role") };
}

/** Every row of schema crm as text, by the organization's name. */
async function contents(sql: postgres.Sql): Promise<Record<string, string[]>> {
  const rows = await sql<{ name: string; rows: string[] }[]>`
    select organizations.name, array_agg(owned.text order by owned.text) as rows
    from (
      select id as organization_id, o::text as text from crm.organizations as o
      union all
      select organization_id, l::text from crm.leads as l
      union all
      select organization_id, c::text from crm.conversions as c
      union all
      select organization_id, s::text from crm.segments as s
      union all
      select organization_id, d::text from crm.leads_custom_fields_definitions as d
      union all
      select organization_id, v::text from crm.leads_custom_fields_values as v
    ) as owned
    join crm.organizations on organizations.id = owned.organization_id
    group by organizations.name`;
  return Object.fromEntries(rows.map(({ name, rows }) => [name, rows]));
}

Deno.test("crm: one company moves alone, as its dry run said, and nothing of its look-alike", async () => {
  await using test = await setup();

  const rehearsed = await dryRun(test.engine, "crm", acme);
  const run = await migrate(test.engine, "crm", acme);

  assertEquals(outcome(run), outcome(rehearsed));
  assertEquals(Object.keys(await contents(test.sql)), ["Acme"]);
  const [others] = await test.sql`
    select count(*)::int as count from landfall.lineage where scope_key <> ${ACME}`;
  assertEquals(others!.count, 0);
  assertEquals((await verify(test.engine, "crm", acme)).state, "clean");
  assertEquals((await verify(test.engine, "crm", globex)).differences[0]!.kind, "unmigrated");
});

Deno.test("crm: companies move one after the other as they do together, and ids once drawn stay", async () => {
  await using test = await setup();
  await migrate(test.engine, "crm", acme);
  const first = await contents(test.sql);

  const second = await migrate(test.engine, "crm", globex);
  assertEquals((await contents(test.sql)).Acme, first.Acme);
  assertEquals(second.rejects.map(({ entity, sample }) => [entity, sample]), [
    // it names a lead of the other company, which is there by now
    ["conversions", [crmId("e", 12)]],
  ]);

  const all = await contents(test.sql);
  const again = await migrate(test.engine, "crm");
  assertEquals(again.entities.filter(({ inserted, updated }) => inserted + updated > 0), []);
  assertEquals(await contents(test.sql), all);
});

Deno.test("crm: a roll-back takes one company back, and its look-alike stays to the byte", async () => {
  await using test = await setup();
  await migrate(test.engine, "crm");
  const { Globex } = await contents(test.sql);

  const { entities } = await rollBack(test.engine, 1, acme);
  assertEquals(entities.map(({ left }) => left), [0, 0, 0, 0, 0, 0]);
  assertEquals(await contents(test.sql), { Globex: Globex! });
  assertEquals((await verify(test.engine, "crm", globex)).state, "clean");

  await migrate(test.engine, "crm", acme);
  assertEquals(Object.keys(await contents(test.sql)).sort(), ["Acme", "Globex"]);
});

Deno.test("crm: a company that the target refuses leaves the others as they are", async () => {
  await using test = await setup();
  await test.sql.unsafe(`
    create function crm.refuse() returns trigger language plpgsql as $$
    begin
      if new.name = 'Acme' then raise exception 'Acme has left'; end if;
      return new;
    end $$;
    create trigger refuse before insert on crm.organizations
      for each row execute function crm.refuse()`);

  const run = await migrate(test.engine, "crm", { maxRejects: 1, batchSize: 1 });

  assertEquals(run.state, "completed");
  assertEquals(run.companies?.stopped.map(({ company }) => company), [ACME]);
  assertEquals(Object.keys(await contents(test.sql)), ["Globex"]);
  assertEquals((await verify(test.engine, "crm", globex)).state, "clean");
});

Deno.test("crm: tables alone need their parents, company by company (LF205)", async () => {
  await using test = await setup();
  await migrate(test.engine, "crm", { ...acme, tables: ["organizations", "leads"] });

  const { code, detail } = await refusal(
    startRun(test.engine, "crm", { ...globex, tables: ["leads", "conversions"] }),
  );
  assertEquals([code, detail], [
    "LF205",
    `crm.leads references crm.organizations, which has no row yet of source company ${GLOBEX}.`,
  ]);
  const run = await migrate(test.engine, "crm", { ...acme, tables: ["leads", "conversions"] });
  assertEquals(
    run.entities.map(({ entity, inserted, unchanged }) => [entity, inserted, unchanged]),
    [
      ["leads", 0, 2],
      ["conversions", 1, 0],
    ],
  );
});

Deno.test("crm: a lead that goes to another company takes no field along until it is taken back", async () => {
  await using test = await setup();
  await migrate(test.engine, "crm");
  const before = await contents(test.sql);
  await test.sql`
    update staging.crm_leads set company_id = ${GLOBEX}, custom_fields = '{"leadScore": 5, "new": 1}'
    where id = ${crmId("a", 1)}`;

  // its conversion stands with the old company still
  const run = await migrate(test.engine, "crm", globex);
  assertEquals(
    run.entities.flatMap(({ entity, rejected }) => rejected ? [[entity, rejected]] : []).sort(),
    [["conversions", 1], ["leads", 1], ["leads_custom_fields_values", 2]],
  );
  assertEquals((await contents(test.sql)).Acme, before.Acme);

  await rollBack(test.engine, 1, { ...acme, anyOrder: true });
  await test.sql`update staging.crm_conversions set company_id = ${GLOBEX} where id = ${
    crmId("e", 1)
  }`;
  await migrate(test.engine, "crm");
  assertEquals((await verify(test.engine, "crm")).state, "clean");
});
