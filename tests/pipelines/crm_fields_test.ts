import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { ACME, crmId, GLOBEX, stageCrm } from "../support/crm_source.ts";
import { createDatabase } from "../support/database.ts";
import { counts, migrate, reasons } from "../support/migration.ts";

/** A database in which Acme's leads 1, 2, … have these custom fields. */
async function setup(...fields: (postgres.JSONValue | undefined)[]) {
  const database = await createDatabase();
  await stageCrm(database.sql, {
    companies: [{ id: ACME, name: "Acme" }, { id: GLOBEX, name: "Globex" }],
    leads: fields.map((custom_fields, nth) => aLead(nth + 1, custom_fields)),
  });
  return { ...database, engine: database.as("service_role") };
}

function aLead(n: number, custom_fields: postgres.JSONValue = null, company_id = ACME) {
  return { id: crmId("a", n), company_id, email: `lead${n}@a.b`, custom_fields };
}

const KEYS: Record<string, string> = {
  leadScore: "lead_score",
  LeadScore: "lead_score",
  lead_score: "lead_score",
  "Lead Score": "lead_score",
  " lead--score! ": "lead_score",
  "Lead–Score": "lead_score",
  LEAD_SCORE: "lead_score",
  HTTPServerName: "http_server_name",
  userID: "user_id",
  utmSource2: "utm_source2",
  "2ndPhone": "2nd_phone",
  Größe: "grosse",
  "Prénom de l'élève": "prenom_de_l_eleve",
  "São Paulo": "sao_paulo",
  "Smørrebrød": "smorrebrod",
  "Łódź": "lodz",
  "ﬁeld №": "field_no",
  "e\u0301te": "ete",
  "a\u00a0b\tc": "a_b_c",
  "電話 phone": "phone",
  "電話": "field_f7e4f10d",
  "": "field_d41d8cd9",
  "!?": "field_",
  ["x".repeat(300)]: `${"x".repeat(91)}_`,
};

Deno.test("crm: a field's key is snake case in ASCII, and never empty", async () => {
  await using test = await setup(Object.fromEntries(Object.keys(KEYS).map((key) => [key, 1])));

  const rows = await test.sql`select json_key, field_key from staging.crm_custom_fields`;

  assertEquals(rows.length, Object.keys(KEYS).length);
  for (const { json_key, field_key } of rows) {
    const key = KEYS[json_key]!;
    assertEquals(key.endsWith("_") ? field_key.replace(/[0-9a-f]{8}$/, "") : field_key, key);
  }
  const odd = rows.filter(({ json_key }) => ["電話", "", "!?"].includes(json_key));
  assertEquals(new Set(odd.map(({ field_key }) => field_key)).size, 3);
  await migrate(test.engine, "crm");
  const [defined] = await test.sql`
    select count(*)::int as rows from crm.leads_custom_fields_definitions`;
  assertEquals(defined!.rows, new Set(rows.map(({ field_key }) => field_key)).size);
});

const TYPES: [values: postgres.JSONValue[], type: string][] = [
  [[1, -2.5, "3", " 4.5 ", "1e3", "", null], "number"],
  [["0", "-1"], "number"],
  [["01234"], "text"],
  [["+49 30"], "text"],
  [[1, "one"], "text"],
  [[true, "false", " "], "boolean"],
  [["True"], "text"],
  [[true, 1], "text"],
  [["2024-02-29", "2024-05-01T10:00:00Z", "2024-05-01 10:00:00.5+02:00"], "date"],
  [["2024-02-29", "2023-02-29"], "text"],
  [["2024-13-01"], "text"],
  [["0000-01-01"], "text"],
  [["2024-05-01T25:00:00Z"], "text"],
  [["2024-05-01", 5], "text"],
  [["20240501"], "number"],
  [["now"], "text"],
  [[{ a: 1 }], "text"],
  [[[]], "text"],
  [[null, "", " \u00a0"], "text"],
];

Deno.test("crm: a field's type is the one that all its values have", async () => {
  const leads = Math.max(...TYPES.map(([values]) => values.length));
  await using test = await setup(
    ...Array.from({ length: leads }, (_, lead) =>
      Object.fromEntries(
        TYPES.flatMap(([values], nth) =>
          lead < values.length ? [[`f${nth}`, values[lead]!] as const] : []
        ),
      )),
  );
  await migrate(test.engine, "crm");

  const rows = await test.sql`
    select field_key, type, is_required from crm.leads_custom_fields_definitions`;

  const types = new Map(rows.map(({ field_key, type }) => [field_key, type]));
  TYPES.forEach(([values, type], nth) =>
    assertEquals(types.get(`f${nth}`), type, JSON.stringify(values))
  );
  assertEquals(rows.some(({ is_required }) => is_required), false);
});

Deno.test("crm: a value is its text, trimmed; objects and arrays are JSON, nothing is null", async () => {
  await using test = await setup({
    a: " x \u00a0",
    b: 1.50,
    c: true,
    d: { k: [1] },
    e: null,
    f: " ",
  });
  await migrate(test.engine, "crm");

  const rows = await test.sql`
    select field_key, value from crm.leads_custom_fields_values
    join crm.leads_custom_fields_definitions on id = definition_id`;

  assertEquals(Object.fromEntries(rows.map(({ field_key, value }) => [field_key, value])), {
    a: "x",
    b: "1.5",
    c: "true",
    d: '{"k": [1]}',
    e: null,
    f: null,
  });
});

Deno.test("crm: keys that are alike are one field; a lead that has both keeps the first and says so", async () => {
  await using test = await setup({ leadScore: 1 }, { "Lead Score": 2 }, {
    leadScore: 3,
    lead_score: 4,
  });
  await stageCrm(test.sql, { leads: [aLead(11, { leadScore: "high" }, GLOBEX)] });

  const run = await migrate(test.engine, "crm");

  const definitions = await test.sql`
    select organizations.name, field_key, label, type
    from crm.leads_custom_fields_definitions
    join crm.organizations on organizations.id = organization_id order by 1`;
  assertEquals(definitions.map((row) => Object.values(row)), [
    ["Acme", "lead_score", "Lead Score", "number"],
    ["Globex", "lead_score", "leadScore", "text"],
  ]);
  const values = "leads_custom_fields_values";
  assertEquals(counts(run, values), { source: 5, inserted: 4, rejected: 1 });
  assertEquals(reasons(run, values), {
    "another source row has become this row of crm.leads_custom_fields_values": [
      `${crmId("a", 3)} leadScore`,
    ],
  });
});

Deno.test("crm: the list of custom fields follows the leads, whatever befalls them", async () => {
  await using test = await setup({ a: 1, b: 2 }, undefined, [1], "text", { c: null });
  const { sql, engine } = test;
  const list = async () =>
    (await sql`
      select lead_id, json_key from staging.crm_custom_fields order by lead_id, json_key`)
      .map(({ lead_id, json_key }) => `${Number(lead_id.slice(-12))} ${json_key}`);
  assertEquals(await list(), ["1 a", "1 b", "5 c"]);

  await engine`
    insert into staging.crm_leads (id, company_id, custom_fields)
    select id, ${GLOBEX}, '{"d": 1}' from unnest(${[crmId("a", 1), crmId("a", 6)]}::text[]) as id
    on conflict (id) do update
    set company_id = excluded.company_id, custom_fields = excluded.custom_fields`;
  assertEquals(await list(), ["1 d", "5 c", "6 d"]);
  const moved = await sql`
    select distinct company_id, definition_key from staging.crm_custom_fields where json_key = 'd'`;
  assertEquals([...moved], [{ company_id: GLOBEX, definition_key: `${GLOBEX} d` }]);

  await engine`update staging.crm_leads set custom_fields = '{"e": 1}' where custom_fields = '[1]'`;
  await engine`update staging.crm_leads set custom_fields = 'null' where id = ${crmId("a", 5)}`;
  assertEquals(await list(), ["1 d", "3 e", "6 d"]);

  await engine`update staging.crm_leads set id = ${crmId("a", 7)} where id = ${crmId("a", 6)}`;
  await engine`delete from staging.crm_leads where company_id = ${ACME}`;
  assertEquals(await list(), ["1 d", "7 d"]);

  await sql`truncate staging.crm_leads`;
  assertEquals(await list(), []);
});

Deno.test("crm: ids and keys of any shape have a source key of their own, and none stops the import", async () => {
  await using test = await setup();
  const long = "k".repeat(5000);
  const leads = ["x y", "x", '"x', '"x y"', "", "y".repeat(900)].map((id) => ({
    id,
    company_id: null,
    custom_fields: { "y z": 1, z: 2, [long]: 3, [`${long}!`]: 4 },
  }));

  await stageCrm(test.sql, { leads });

  const [found] = await test.sql`
    select count(*)::int as rows, count(distinct source_key)::int as keys
    from staging.crm_custom_fields`;
  assertEquals(found, { rows: 24, keys: 24 });
  const run = await migrate(test.engine, "crm");
  assertEquals(counts(run, "leads_custom_fields_values"), { source: 24, rejected: 24 });
});
