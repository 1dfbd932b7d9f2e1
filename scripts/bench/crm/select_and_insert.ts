/**
 * What people write: a script that selects all rows of each table, makes objects of them, and
 * inserts these a thousand at a time. It keeps nothing of what it did, and checks nothing itself.
 *
 * @module
 */
import postgres from "postgres";
import { peakMemory } from "../measure/peak_memory.ts";

const BATCH = 1_000;
const LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz";

type Row = Record<string, unknown>;

const [from, to] = Deno.args as [string, string];
const source = postgres(from, { max: 1, onnotice: () => {} });
const target = postgres(to, { max: 1, onnotice: () => {} });
const organizations = new Map<unknown, string>();

function nanoid(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => LETTERS[byte % 36])
    .join("");
}

function text(value: unknown): unknown {
  return typeof value === "string" ? value.trim() || null : value;
}

async function move(table: string, into: string, become: (row: Row) => Row): Promise<number> {
  let rows = 0;
  // a cursor, since no memory holds the larger tables
  for await (const batch of source.unsafe(`select * from ${table}`).cursor(BATCH)) {
    await target`insert into ${target(into)} ${target(batch.map((row) => become(row)))}`;
    rows += batch.length;
  }
  return rows;
}

const start = performance.now();
let rows = await move("companies", "crm.organizations", ({ id, name, created_at, updated_at }) => {
  organizations.set(id, nanoid());
  return { id: organizations.get(id), name: text(name), created_at, updated_at };
});
rows += await move("leads", "crm.leads", (row) => ({
  id: row.id,
  organization_id: organizations.get(row.company_id),
  name: text(row.name),
  email: text(row.email),
  secondary_email: text(row.secondary_email),
  phone: text(row.phone),
  secondary_phone: text(row.secondary_phone),
  company: text(row.company),
  job_title: text(row.job_title),
  import_method: text(row.import_method) ?? "unknown",
  external_id: row.id,
  external_source: "legacy_migration",
  tags: row.tags ?? [],
  fit_score: String(row.fit_score ?? "F").toUpperCase(),
  interest: row.interest ?? 0,
  total_conversions: row.number_conversions,
  first_conversion_date: row.first_conversion_date,
  last_conversion_date: row.last_conversion_date,
  first_conversion_utm_source: text(row.first_traffic_source_source),
  first_conversion_utm_medium: text(row.first_traffic_source_medium),
  first_conversion_utm_campaign: text(row.first_traffic_source_campaign),
  last_conversion_utm_source: text(row.last_traffic_source_source),
  last_conversion_utm_medium: text(row.last_traffic_source_medium),
  last_conversion_utm_campaign: text(row.last_traffic_source_campaign),
  created_at: row.created_at,
  updated_at: row.created_at,
}));
rows += await move("conversions", "crm.conversions", (row) => ({
  id: row.id,
  organization_id: organizations.get(row.company_id),
  lead_id: row.contact_id,
  name: text(row.conversion_name),
  identifier: text(row.conversion_identifier),
  date: row.conversion_date,
  value: Number(row.conversion_value) || null,
  source: text(row.source),
  utm_source: text(row.traffic_source_source),
  utm_medium: text(row.traffic_source_medium),
  utm_campaign: text(row.traffic_source_campaign),
  utm_channel: text(row.traffic_source_channel),
  conversion_url: text(row.conversion_url),
  conversion_domain: text(row.conversion_domain),
  device: text(row.device),
  raw_payload: row.payload_raw_json ?? {},
  external_source: "legacy_migration",
  created_at: row.conversion_date,
}));
rows += await move("segments", "crm.segments", (row) => ({
  id: row.id,
  organization_id: organizations.get(row.company_id),
  name: text(row.name),
  description: text(row.description),
  rule_json: row.rule_json,
  created_at: row.created_at,
  updated_at: row.updated_at,
}));
const ms = performance.now() - start;
await Promise.all([source.end(), target.end()]);
console.log(JSON.stringify({ rows, ms, peakBytes: await peakMemory(Deno.pid) }));
