import { type Setup, setup } from "./setup.ts";

/** What a run left behind, in comparable form. */
export interface Contents {
  readonly rows: Readonly<Record<string, string>>;
  readonly lineage: string;
  readonly rejects: string;
}

/** A setup whose contents can be compared with another's. */
export interface Competing extends Setup {
  contents(): Promise<Contents>;
}

/**
 * Makes two tables whose rows are fine, wrong, refer to each other, and compete for places, so that
 * any slip in the order of work shows in the result.
 */
export async function competing(): Promise<Competing> {
  const test = await setup({
    name: "parents",
    columns: "id int primary key, boss int references parents, name text not null unique",
    many: {
      count: 90,
      row: `jsonb_build_object(
        'id', n,
        -- 37 to 71 are the bosses of 19 to 36, and these of the others
        'boss', case
          when n between 37 and 71 then null
          when n between 19 and 36 then n + 24
          when n % 3 = 0 then 19 + n % 18
        end,
        'name', case n % 11 when 0 then null else 'Parent ' || n % 72 end)`,
    },
  }, {
    columns: `
      id int primary key, parent int not null references parents, sku text unique,
      price numeric(6,2) check (price >= 0), at date`,
    many: {
      count: 240,
      row: `jsonb_build_object(
        'id', n % 235, 'parent', n % 96, 'sku', 'S' || (n * 7) % 210,
        'price', case n % 31 when 0 then -n else n end,
        'at', case n % 47 when 0 then 'never' else '2024-01-01' end)`,
    },
  });
  const digest = async (query: string) => {
    const [row] = await test.sql.unsafe(
      `select count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' order by t::text)), '') as sum
       from (${query}) as t`,
    );
    return row!.sum as string;
  };
  return {
    ...test,
    contents: async () => ({
      rows: {
        parents: await digest("select * from parents"),
        items: await digest("select * from items"),
      },
      lineage: await digest(
        "select entity_id, source_key, target_key, given_hash, stored_hash, adopted, run_id from landfall.lineage",
      ),
      rejects: await digest(
        "select entity_id, source_key, target_key, reasons, details, source_row, run_id from landfall.rejects",
      ),
    }),
  };
}
