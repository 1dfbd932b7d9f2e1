import type postgres from "postgres";

type Row = Readonly<Record<string, postgres.JSONValue | undefined>>;

/** Rows of the old CRM by table; what a row leaves out is null. */
export interface CrmSource {
  readonly companies: readonly Row[];
  readonly leads: readonly Row[];
  readonly conversions: readonly Row[];
  readonly segments: readonly Row[];
}

/** The companies of {@linkcode twoCompanies}. */
export const ACME = crmId("c", 1);
export const GLOBEX = crmId("c", 2);

/** A uuid that shows what it names: `crmId("c", 1)` is company 1; a is a lead, e a conversion. */
export function crmId(kind: "a" | "c" | "e", n: number): string {
  return `${kind.repeat(8)}-0000-4000-8000-${String(n).padStart(12, "0")}`;
}

/**
 * Two companies that are easily taken for each other: alike in everything but their ids.
 *
 * Each has a lead with the same address (Acme's is 1, Globex's 11), one with nothing but the same
 * phone (2, 12), a conversion of the first lead (1, 11) and a segment of the same name. Conversion
 * 12 is Globex's and names Acme's lead 1.
 */
export function twoCompanies(): CrmSource {
  const of = (company: string, first: number) => ({
    leads: [
      {
        id: crmId("a", first),
        company_id: company,
        name: "Ada",
        email: "ada@shared.example",
        custom_fields: { leadScore: first, "Größe": "12.5" },
      },
      { id: crmId("a", first + 1), company_id: company, name: "Bob", phone: "+49 30 1" },
    ],
    conversions: [{
      id: crmId("e", first),
      company_id: company,
      contact_id: crmId("a", first),
      conversion_name: "Signed up",
      conversion_identifier: "form",
      conversion_date: "2024-05-01T10:00:00Z",
      conversion_value: 10,
    }],
    segments: [{ id: `segment ${first}`, company_id: company, name: "Hot", rule_json: { a: 1 } }],
  });
  const acme = of(ACME, 1);
  const globex = of(GLOBEX, 11);
  return {
    companies: [
      { id: ACME, name: "Acme", active: "t", created_at: "2020-01-01T00:00:00Z" },
      { id: GLOBEX, name: "Globex", active: "true", created_at: "2021-01-01T00:00:00Z" },
    ],
    leads: [...acme.leads, ...globex.leads],
    conversions: [...acme.conversions, ...globex.conversions, {
      id: crmId("e", 12),
      company_id: GLOBEX,
      contact_id: crmId("a", 1),
      conversion_name: "Signed up",
      conversion_value: 20,
    }],
    segments: [...acme.segments, ...globex.segments],
  };
}

/**
 * Fills the staging tables of pipeline crm, as an import does.
 *
 * @param sql Queries as somebody who may write to staging.
 */
export async function stageCrm(sql: postgres.Sql, source: Partial<CrmSource>): Promise<void> {
  for (const [table, rows] of Object.entries(source)) {
    await sql.unsafe(
      `insert into staging.crm_${table}
       select * from jsonb_populate_recordset(null::staging.crm_${table}, $1::jsonb)`,
      [rows as unknown as string],
    );
  }
}

/** Fills staging with three companies, one without a name, and all kinds of good and bad rows. */
export async function stageManyCrm(sql: postgres.Sql): Promise<void> {
  await sql`
    insert into staging.crm_companies (id, name, active, created_at)
    select 'company ' || n, case when n < 3 then 'Company ' || n end, 't', '2020-01-01'
    from generate_series(1, 3) as n`;
  await sql`
    insert into staging.crm_leads (id, company_id, name, email, phone, tags, custom_fields)
    select
      case when n % 150 = 0 then 'lead ' || n else md5('lead ' || n)::uuid::text end,
      'company ' || 1 + n % 4,
      ' Lead ' || n,
      case when n % 3 > 0 then format('lead%s@a.b', n) end,
      case when n % 9 > 0 then '+49 ' || n end,
      array[' a', ''],
      case n % 5
        when 0 then jsonb_build_object('leadScore', n, 'lead_score', '7', 'notes', 'x ' || n)
        when 1 then '[]'
      end
    from generate_series(1, 600) as n`;
  await sql`
    insert into staging.crm_conversions
      (id, company_id, contact_id, conversion_name, conversion_date, conversion_value)
    select
      md5('conversion ' || n)::uuid::text,
      'company ' || 1 + (n + (n % 40 = 0)::int) % 4,
      md5('lead ' || n)::uuid::text,
      case when n % 70 > 0 then 'Signed up' end,
      '2024-05-01 10:00:00Z',
      n % 5
    from generate_series(1, 900) as n`;
  await sql`
    insert into staging.crm_segments (id, company_id, name, rule_json)
    select 'segment ' || n, 'company ' || 1 + n % 4, 'Hot', '{"a": 1}'
    from generate_series(1, 60) as n`;
}
