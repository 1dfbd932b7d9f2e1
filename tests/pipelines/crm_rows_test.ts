import { assert, assertEquals } from "@std/assert";
import {
  ACME,
  crmId,
  type CrmSource,
  GLOBEX,
  stageCrm,
  twoCompanies,
} from "../support/crm_source.ts";
import { createDatabase } from "../support/database.ts";
import { counts, migrate, reasons } from "../support/migration.ts";

/** A database with these rows staged, or none. */
async function setup(source: Partial<CrmSource> = {}) {
  const database = await createDatabase();
  await stageCrm(database.sql, source);
  return { ...database, engine: database.as("service_role") };
}

Deno.test("crm: text is trimmed, blank text is null, and what is missing has the new app's defaults", async () => {
  const blank = " \t\r\n\f\v\u00a0";
  await using test = await setup({
    companies: [{ id: ACME, name: `${blank}Acme${blank}` }],
    leads: [
      { id: crmId("a", 1), company_id: ACME, email: `${blank}ada@a.b${blank}`, name: blank },
      {
        id: crmId("a", 2).toUpperCase(),
        company_id: ACME,
        phone: "1",
        tags: [" hot ", "", blank, "new"],
        fit_score: " b ",
        import_method: "form",
        interest: 3,
        number_conversions: 2,
        first_traffic_source_source: "google",
        last_traffic_source_term: "crm",
        created_at: "2024-01-02T00:00:00Z",
      },
    ],
    conversions: [{
      id: crmId("e", 1),
      company_id: ACME,
      contact_id: crmId("a", 1),
      conversion_name: " Signed up ",
      conversion_value: 0,
      conversion_date: "2024-05-01T10:00:00Z",
      traffic_source_channel: "Paid",
    }],
    segments: [{ id: "s", company_id: ACME, description: blank }],
  });
  await migrate(test.engine, "crm");

  const read = async (table: string) =>
    (await test.sql.unsafe(
      `select jsonb_strip_nulls(to_jsonb(t)) - 'organization_id' - 'idempotency_hash' as row
       from crm.${table} as t order by id`,
    )).map(({ row }) => row);
  assertEquals((await read("organizations")).map(({ name }) => name), ["Acme"]);
  const migrated = { external_source: "legacy_migration" };
  assertEquals(await read("leads"), [
    {
      ...migrated,
      id: crmId("a", 1),
      external_id: crmId("a", 1),
      email: "ada@a.b",
      import_method: "unknown",
      tags: [],
      fit_score: "F",
      interest: 0,
    },
    {
      ...migrated,
      id: crmId("a", 2),
      external_id: crmId("a", 2).toUpperCase(),
      phone: "1",
      import_method: "form",
      tags: ["hot", "new"],
      fit_score: "B",
      interest: 3,
      total_conversions: 2,
      first_conversion_utm_source: "google",
      last_conversion_utm_term: "crm",
      created_at: "2024-01-02T00:00:00+00:00",
      updated_at: "2024-01-02T00:00:00+00:00",
    },
  ]);
  assertEquals(await read("conversions"), [{
    ...migrated,
    id: crmId("e", 1),
    lead_id: crmId("a", 1),
    name: "Signed up",
    date: "2024-05-01T10:00:00+00:00",
    utm_channel: "Paid",
    raw_payload: {},
    created_at: "2024-05-01T10:00:00+00:00",
  }]);
  assertEquals(await read("segments"), [{ id: "s" }]);
});

Deno.test("crm: what cannot come along says why", async () => {
  const lead = { company_id: ACME, email: "ada@a.b" };
  const conversion = { company_id: ACME, contact_id: crmId("a", 1), conversion_name: "Bought" };
  await using test = await setup({
    companies: [
      { id: ACME, name: "Acme", active: "f" },
      { id: "nameless", name: " ", active: "perhaps" },
    ],
    leads: [
      { id: crmId("a", 1), ...lead },
      { id: crmId("a", 2), ...lead, email: " ", secondary_email: "ada@a.b" },
      { id: crmId("a", 3), ...lead, company_id: "nameless", custom_fields: { a: 1 } },
      { id: crmId("a", 4), ...lead, company_id: null },
      { id: "five", ...lead, custom_fields: { a: 1 } },
      { id: crmId("a", 6), ...lead, custom_fields: [1] },
      { id: crmId("a", 7), ...lead, custom_fields: "text" },
    ],
    conversions: [
      { id: crmId("e", 1), ...conversion },
      { id: crmId("e", 2), ...conversion, conversion_name: "\t" },
      { id: crmId("e", 3), ...conversion, contact_id: null },
      { id: crmId("e", 4), ...conversion, contact_id: crmId("a", 2) },
      { id: crmId("e", 5), ...conversion, company_id: "nameless", contact_id: crmId("a", 3) },
      { id: crmId("e", 6), ...conversion, contact_id: "nobody" },
      { id: crmId("e", 7), ...conversion, contact_id: crmId("a", 9) },
    ],
    segments: [{ id: "s", company_id: "elsewhere", name: "Hot" }],
  });

  const run = await migrate(test.engine, "crm");

  const said = await test.sql`select source_key, reasons from landfall.rejects`;
  const noOrganization = "its company has not become an organization";
  const noLead = "conversions_orphaned: its company has no such lead";
  assertEquals(Object.fromEntries(said.map(({ source_key, reasons }) => [source_key, reasons])), {
    nameless: ["organizations_missing_name: the company has no name"],
    [crmId("a", 2)]: ["leads_missing_contact: the lead has neither an e-mail address nor a phone"],
    [crmId("a", 3)]: ["organization_id is missing", `leads_orphaned: ${noOrganization}`],
    [crmId("a", 4)]: ["organization_id is missing", `leads_orphaned: ${noOrganization}`],
    five: ["id: invalid input syntax for type uuid"],
    [crmId("e", 2)]: ["conversions_missing_name: the conversion has no name"],
    [crmId("e", 3)]: ["lead_id is missing", "conversions_orphaned: it names no lead"],
    [crmId("e", 4)]: [`${noLead} (it was rejected)`],
    [crmId("e", 5)]: [
      "organization_id is missing",
      `conversions_without_organization: ${noOrganization}`,
    ],
    [crmId("e", 6)]: ["lead_id: invalid input syntax for type uuid"],
    [crmId("e", 7)]: [noLead],
    s: ["organization_id is missing", `segments_orphaned: ${noOrganization}`],
    "nameless a": ["organization_id is missing", `definitions_orphaned: ${noOrganization}`],
    [`${crmId("a", 3)} a`]: [
      "organization_id is missing",
      "definition_id is missing",
      "values_without_definition: its field has not become a definition",
    ],
    "five a": ["lead_id: invalid input syntax for type uuid"],
  });
  assertEquals(
    run.findings.map(({ finding, count, sample }) => [finding, count, sample]).sort(),
    [
      ["leads_custom_fields_no_object", 2, [crmId("a", 6), crmId("a", 7)]],
      ["organizations_active_unclear", 1, ["nameless"]],
      ["organizations_inactive", 1, [ACME]],
    ],
  );
});

Deno.test("crm: a conversion has the hash of what it says, whatever the time zone, unless it brings one", async () => {
  await using test = await setup(twoCompanies());
  await test.sql`set timezone = 'America/New_York'`;
  await migrate(test.engine, "crm");

  const twice = await test.sql`
    insert into crm.conversions (organization_id, lead_id, name, identifier, date)
    select organization_id, lead_id, name, identifier, date from crm.conversions
    returning idempotency_hash`;
  const [given] = await test.sql`
    insert into crm.conversions (organization_id, lead_id, name, idempotency_hash)
    select organization_id, lead_id, name, 'mine' from crm.conversions limit 1
    returning idempotency_hash`;
  const [hashes] = await test.sql`
    select count(*)::int as rows, count(distinct idempotency_hash)::int as different,
      bool_and(idempotency_hash ~ '^[0-9a-f]{32}$') as well_formed
    from crm.conversions where idempotency_hash <> 'mine'`;

  assertEquals(twice.length, 2);
  assertEquals(given!.idempotency_hash, "mine");
  assertEquals(hashes, { rows: 4, different: 2, well_formed: true });
});

Deno.test("nanoid() draws twelve characters, every one as often as the others", async () => {
  await using test = await setup();

  const rows = await test.engine`select crm.nanoid() as id from generate_series(1, 6000)`;

  const ids: string[] = rows.map(({ id }) => id);
  const spread = new Map<string, number>();
  for (const letter of ids.join("")) spread.set(letter, (spread.get(letter) ?? 0) + 1);
  assert(ids.every((id) => /^[a-z0-9]{12}$/.test(id)));
  assertEquals(new Set(ids).size, 6000);
  assertEquals(spread.size, 36);
  // 2000 of each are expected, with a deviation of 44
  for (const [letter, times] of spread) assert(Math.abs(times - 2000) < 270, `${letter} ${times}`);
});

Deno.test("crm: an id that is drawn twice costs one company a run, no more", async () => {
  await using test = await setup(twoCompanies());
  const [drawing] = await test.sql`
    select pg_get_functiondef('crm.nanoid'::regproc) as definition`;
  await test.sql`
    create or replace function crm.nanoid() returns text language sql as $$ select 'aaaaaaaaaaaa' $$`;
  const clashing = await migrate(test.engine, "crm");
  await test.sql.unsafe(drawing!.definition);

  const again = await migrate(test.engine, "crm");

  assertEquals(reasons(clashing, "organizations"), {
    "another source row has become this row of crm.organizations": [GLOBEX],
  });
  assertEquals(counts(clashing, "leads"), { source: 4, inserted: 2, rejected: 2 });
  assertEquals(counts(again, "organizations"), { source: 2, inserted: 1, unchanged: 1 });
  assertEquals(counts(again, "leads"), { source: 4, inserted: 2, unchanged: 2 });
});
