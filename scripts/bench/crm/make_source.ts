import type postgres from "postgres";

/** Companies of the source, all of one size. */
export const COMPANIES = 10;

/** The tables, parents first. */
export const TABLES = ["companies", "leads", "conversions", "segments"] as const;

/** The key of a company, from 1 on. */
export function companyKey(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

/**
 * Fills an empty database with a CRM of ten companies: of so many rows, a quarter are leads and the
 * rest conversions. Every twentieth lead has two custom fields.
 *
 * @param sql Queries on that database.
 */
export async function makeSource(sql: postgres.Sql, records: number): Promise<void> {
  const leads = Math.floor(records / 4);
  await sql.unsafe(`
    create table companies (
      id uuid primary key, name text not null, active boolean not null,
      created_at timestamptz not null, updated_at timestamptz
    );
    create table leads (
      id uuid primary key, company_id uuid not null references companies, name text, email text,
      secondary_email text, phone text, secondary_phone text, company text, job_title text,
      import_method text, tags text[], fit_score text, interest int, number_conversions int,
      first_conversion_date timestamptz, last_conversion_date timestamptz,
      first_traffic_source_source text, first_traffic_source_medium text,
      first_traffic_source_campaign text, first_traffic_source_content text,
      first_traffic_source_term text, last_traffic_source_source text,
      last_traffic_source_medium text, last_traffic_source_campaign text,
      last_traffic_source_content text, last_traffic_source_term text,
      custom_fields jsonb, created_at timestamptz not null
    );
    create table conversions (
      id uuid primary key, company_id uuid not null references companies,
      contact_id uuid not null references leads, conversion_name text,
      conversion_identifier text, conversion_date timestamptz, conversion_value numeric,
      source text, traffic_source_source text, traffic_source_medium text,
      traffic_source_campaign text, traffic_source_content text, traffic_source_term text,
      traffic_source_channel text, conversion_url text, conversion_domain text, device text,
      payload_raw_json jsonb
    );
    create table segments (
      id uuid primary key, company_id uuid not null references companies, name text,
      description text, rule_json jsonb, created_at timestamptz, updated_at timestamptz
    );

    insert into companies
    select
      ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Company ' || n, true,
      timestamptz '2019-01-01 UTC', null
    from generate_series(1, ${COMPANIES}) as n;

    insert into leads
    select
      md5('lead' || n)::uuid,
      ('00000000-0000-4000-8000-' || lpad((n % ${COMPANIES} + 1)::text, 12, '0'))::uuid,
      'Lead ' || n, 'lead' || n || '@example.com', null, '+49 30 ' || n, null,
      'Example ' || n % 5000, (array['Head of sales', 'Engineer', null])[n % 3 + 1],
      (array['form', 'import', null])[n % 3 + 1], array['newsletter', 'tag ' || n % 20],
      chr(97 + n % 6), n % 10, 3,
      timestamptz '2020-01-01 UTC' + n * interval '1 minute',
      timestamptz '2024-01-01 UTC' + n * interval '1 minute',
      'google', 'cpc', 'campaign ' || n % 40, null, null,
      'newsletter', 'email', 'campaign ' || n % 60, null, null,
      case when n % 20 = 0
        then jsonb_build_object('Budget', n, 'lastContact', '2024-05-0' || n % 9 + 1) end,
      timestamptz '2020-01-01 UTC' + n * interval '1 minute'
    from generate_series(1, ${leads}) as n;

    insert into conversions
    select
      md5('conversion' || n)::uuid,
      ('00000000-0000-4000-8000-'
        || lpad(((n % ${leads} + 1) % ${COMPANIES} + 1)::text, 12, '0'))::uuid,
      md5('lead' || n % ${leads} + 1)::uuid,
      'Form ' || n % 30, 'form-' || n % 30,
      timestamptz '2021-01-01 UTC' + n * interval '20 seconds', n % 500, 'website',
      'google', 'cpc', 'campaign ' || n % 40, null, null, 'paid',
      'https://www.example.com/landing/' || n % 300, 'www.example.com', 'desktop',
      jsonb_build_object('form', n % 30, 'consent', true)
    from generate_series(1, ${records - leads}) as n;

    insert into segments
    select
      md5('segment' || n)::uuid,
      ('00000000-0000-4000-8000-' || lpad((n % ${COMPANIES} + 1)::text, 12, '0'))::uuid,
      'Segment ' || n, null, '{"score": "A"}', timestamptz '2022-01-01 UTC', null
    from generate_series(1, 100) as n;

    create index on leads (company_id);
    create index on conversions (company_id);
    create index on conversions (contact_id);
    create index on segments (company_id);
    analyze;
  `);
}
