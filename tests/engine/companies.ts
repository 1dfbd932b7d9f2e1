import type postgres from "postgres";
import { type Setup, setup } from "./setup.ts";

/** A legacy row of a company. */
export interface CompanyRow {
  readonly company: string | null;
  readonly id: number;
  readonly lead_id?: number;
  readonly name?: string | null;
}

/** Leads and their calls of companies a and b. */
export const LEADS: readonly CompanyRow[] = [
  { company: "a", id: 1, name: "Ann" },
  { company: "b", id: 2, name: "Bob" },
  { company: "a", id: 3, name: "Abe" },
];
export const CALLS: readonly CompanyRow[] = [
  { company: "a", id: 10, lead_id: 1 },
  { company: "b", id: 11, lead_id: 2 },
  { company: "a", id: 12, lead_id: 3 },
];

const give = { scope_key: "row ->> 'company'" };

/** The pipeline "shop" of companies a, b and c, of which c has no rows. */
export async function companies(
  rows: { readonly leads?: readonly CompanyRow[]; readonly calls?: readonly CompanyRow[] } = {},
): Promise<Setup> {
  await using starting = new AsyncDisposableStack();
  const test = starting.use(
    await setup(
      { name: "leads", columns: "id int primary key, name text not null", give },
      {
        name: "calls",
        columns: "id int primary key, lead_id int not null references public.leads",
        give,
      },
    ),
  );
  await test.stage(rows.leads ?? LEADS, "leads");
  await test.stage(rows.calls ?? CALLS, "calls");
  await defineScopes(test.sql);
  starting.move();
  return test;
}

/** Defines who the companies of "shop" are. */
export async function defineScopes(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    create view transform.shop_companies with (security_invoker = true) as
    select scope_key, upper(scope_key) as label from unnest(array['a', 'b', 'c']) as scope_key;
    select landfall.define_scopes('shop', 'transform.shop_companies', '{"leads": "company"}');
    select landfall.close_doors()`);
}
