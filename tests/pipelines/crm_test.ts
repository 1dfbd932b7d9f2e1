import { assert, assertEquals } from "@std/assert";
import { createDatabase } from "../support/database.ts";
import { ACME, crmId, stageCrm, stageManyCrm, twoCompanies } from "../support/crm_source.ts";
import { counts, migrate, reasons, rollBack, verify } from "../support/migration.ts";
import { runScenarios } from "./scenarios.ts";

const TABLES = [
  "organizations",
  "leads",
  "conversions",
  "segments",
  "leads_custom_fields_definitions",
  "leads_custom_fields_values",
];

runScenarios({
  pipeline: "crm",
  // ids of organizations and definitions are drawn anew in every database
  targets: [
    "(select to_jsonb(o) - 'id' from crm.organizations as o)",
    ...["leads", "conversions", "segments", "leads_custom_fields_definitions"].map((table) =>
      `(
        select organizations.name,
          to_jsonb(owned) - 'organization_id' - 'idempotency_hash'
            ${table.endsWith("definitions") ? "- 'id'" : ""} as values
        from crm.${table} as owned
        join crm.organizations on organizations.id = owned.organization_id
      )`
    ),
    `(
      select field_key, lead_id, value
      from crm.leads_custom_fields_values
      join crm.leads_custom_fields_definitions on id = definition_id
    )`,
  ],
  stage: stageManyCrm,
});

/** A database with two companies staged, or what a test says. */
async function setup(source = twoCompanies()) {
  const database = await createDatabase();
  await stageCrm(database.sql, source);
  return { ...database, engine: database.as("service_role") };
}

Deno.test("crm: a company becomes an organization, and what hangs on it goes along", async () => {
  await using test = await setup();

  const run = await migrate(test.engine, "crm");

  assertEquals(
    run.entities.map(({ entity, inserted, rejected }) => [entity, inserted, rejected]).sort(),
    [
      ["conversions", 2, 1],
      ["leads", 4, 0],
      ["leads_custom_fields_definitions", 4, 0],
      ["leads_custom_fields_values", 4, 0],
      ["organizations", 2, 0],
      ["segments", 2, 0],
    ],
  );
  assertEquals(run.findings, []);
});

Deno.test("crm: look-alikes of two companies each stay with their own", async () => {
  await using test = await setup();

  const run = await migrate(test.engine, "crm");

  const rows = await test.sql`
    select organizations.name as organization, owned.kind, owned.key
    from (
      select organization_id, 'lead' as kind, id::text as key from crm.leads
      union all
      select organization_id, 'conversion', id::text from crm.conversions
      union all
      select organization_id, 'segment', id from crm.segments
      union all
      select stored.organization_id, 'value', lead_id::text || ' ' || field_key
      from crm.leads_custom_fields_definitions
      join crm.leads_custom_fields_values as stored on definition_id = id
    ) as owned
    join crm.organizations on organizations.id = organization_id
    order by organization, kind, key`;
  const owned = (first: number) => [
    ["conversion", crmId("e", first)],
    ["lead", crmId("a", first)],
    ["lead", crmId("a", first + 1)],
    ["segment", `segment ${first}`],
    ["value", `${crmId("a", first)} grosse`],
    ["value", `${crmId("a", first)} lead_score`],
  ];
  assertEquals(rows.map(({ organization, kind, key }) => [organization, kind, key]), [
    ...owned(1).map((row) => ["Acme", ...row]),
    ...owned(11).map((row) => ["Globex", ...row]),
  ]);
  assertEquals(Object.values(reasons(run, "conversions")), [[crmId("e", 12)]]);
});

Deno.test("crm: a range of one company's rows is a range of an index, in every transform", async () => {
  await using database = await createDatabase();
  await stageManyCrm(database.sql);
  await database.sql`analyze`;
  const ranges: [entity: string, condition: string][] = [
    ["leads", "company_id"],
    ["conversions", "company_id"],
    ["segments", "company_id"],
    ["leads_custom_fields_values", "company_id"],
    // it begins with the company
    ["leads_custom_fields_definitions", "definition_key"],
  ];

  for (const [entity, condition] of ranges) {
    const plan = await database.sql.begin(async (sql) => {
      await sql`set local enable_seqscan = off`;
      return await sql.unsafe(`
        explain select * from transform.crm_${entity}
        where source_key between 'a' and 'b' and scope_key = 'company 1'`);
    });

    const text = plan.map((line) => line["QUERY PLAN"]).join("\n");
    assert(!/Seq Scan on crm_/.test(text), text);
    assert(new RegExp(`Index Cond: .*${condition} `).test(text), text);
  }
});

Deno.test("crm: the database itself refuses a conversion of another organization's lead", async () => {
  await using test = await setup();
  await migrate(test.engine, "crm");

  const refused = await test.sql`
    insert into crm.conversions (organization_id, lead_id, name)
    select organizations.id, leads.id, 'Bought'
    from crm.organizations
    join crm.leads on organizations.id <> leads.organization_id`
    .then(() => undefined, ({ constraint_name }) => constraint_name);

  assertEquals(refused, "conversions_organization_id_lead_id_fkey");
});

Deno.test("crm: an organization's id is drawn once and kept by every later run", async () => {
  await using test = await setup();
  const ids = async () => [...await test.sql`select id, name from crm.organizations order by name`];
  await migrate(test.engine, "crm");
  const drawn = await ids();
  await test.sql`update staging.crm_companies set name = name || '!'`;

  const run = await migrate(test.engine, "crm");

  assertEquals(await ids(), drawn.map(({ id, name }) => ({ id, name: `${name}!` })));
  assertEquals(counts(run, "organizations"), { source: 2, updated: 2 });
  assertEquals(counts(run, "leads"), { source: 4, unchanged: 4 });
});

Deno.test("crm: verified, changed by a second run, and rolled back to what it was, byte by byte", async () => {
  await using test = await setup();
  const contents = async () => {
    const all: Record<string, unknown> = {};
    for (const table of TABLES) {
      const [row] = await test.sql.unsafe(
        `select coalesce(string_agg(t::text, '|' order by t::text), '') as rows from crm.${table} as t`,
      );
      all[table] = row!.rows;
    }
    return all;
  };
  const empty = await contents();
  const first = await migrate(test.engine, "crm");
  assertEquals((await verify(test.engine, "crm")).differences, []);
  const before = await contents();
  await test.sql`update staging.crm_leads set name = 'Grace', custom_fields = '{"leadScore": 3}'`;
  const second = await migrate(test.engine, "crm", { prune: true });
  assertEquals((await verify(test.engine, "crm")).differences, []);
  assertEquals(counts(second, "leads"), { source: 4, updated: 4 });
  assert(JSON.stringify(await contents()) !== JSON.stringify(before));

  await rollBack(test.engine, second.runId!);
  assertEquals(await contents(), before);
  await rollBack(test.engine, first.runId!);
  assertEquals(await contents(), empty);
});

Deno.test("crm: the books count every row and sum of each company, and show what is out of place", async () => {
  await using test = await setup();
  await migrate(test.engine, "crm");
  const books = async () =>
    [
      ...await test.sql`
      select
        entity, case company_id when ${ACME} then 'Acme' else 'Globex' end as company,
        in_source::int, migrated::int, left_behind::int, only_in_target::int,
        value_in_source::int, value_in_target::int,
        orphaned::int, without_contact::int, misplaced::int
      from transform.crm_integrity
      where entity in ('leads', 'conversions')
      order by company, entity`,
    ].map((row) => Object.values(row));

  assertEquals(await books(), [
    ["conversions", "Acme", 1, 1, 0, 0, 10, 10, 0, 0, 0],
    ["leads", "Acme", 2, 2, 0, 0, 0, 0, 0, 0, 0],
    ["conversions", "Globex", 2, 1, 1, 0, 30, 10, 0, 0, 0],
    ["leads", "Globex", 2, 2, 0, 0, 0, 0, 0, 0, 0],
  ]);

  // what the constraints keep out
  await test.sql`
    alter table crm.conversions drop constraint conversions_organization_id_lead_id_fkey`;
  await test.sql`
    update crm.conversions
    set organization_id = (select id from crm.organizations where name = 'Globex')
    where lead_id = ${crmId("a", 1)}`;
  await test.sql`update crm.leads set phone = null where id = ${crmId("a", 12)}`;
  await test.sql`
    insert into crm.leads (organization_id, email)
    select id, 'new@a.b' from crm.organizations where name = 'Globex'`;

  assertEquals(await books(), [
    ["conversions", "Acme", 1, 1, 0, 0, 10, 10, 1, 0, 1],
    ["leads", "Acme", 2, 2, 0, 0, 0, 0, 0, 0, 0],
    ["conversions", "Globex", 2, 1, 1, 0, 30, 10, 0, 0, 0],
    ["leads", "Globex", 2, 2, 0, 1, 0, 0, 0, 1, 0],
  ]);
});
