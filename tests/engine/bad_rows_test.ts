import { assertEquals } from "@std/assert";
import type { EntityOptions } from "../support/builders.ts";
import { counts, migrate } from "../support/migration.ts";
import { setup } from "./setup.ts";

const ROWS = 3_000;

/** A tenth of the rows is bad, each time in another way. */
const KINDS: Record<string, { fault: string; also?: string }> = {
  clean: { fault: "{}" },
  missing: { fault: '{"name": null}' },
  checked: { fault: '{"price": -1}' },
  miscast: { fault: '{"at": "never"}' },
  miscast_twice: { fault: '{"at": "never", "price": "free"}' },
  orphaned: { fault: '{"parent": 9}' },
  doubled: { fault: '{"sku": "S1"}' },
  same_key: { fault: '{"id": 1}' },
  refused: {
    fault: '{"name": "no"}',
    also: `
      create function public.refuse() returns trigger language plpgsql as $$ begin
        if new.name = 'no' then raise 'No'; end if;
        return new;
      end $$;
      create trigger refuse before insert on refused for each row execute function public.refuse()`,
  },
  left_out: {
    fault: '{"name": "no"}',
    also: `
      create function public.leave_out() returns trigger language plpgsql as $$ begin
        return case when new.name <> 'no' then new end;
      end $$;
      create trigger leave_out before insert on left_out
        for each row execute function public.leave_out()`,
  },
};

Deno.test("a tenth of bad rows, of any kind, is rejected and the rest is written", async () => {
  const entities = Object.entries(KINDS).map(([name, { fault, also }]): EntityOptions => ({
    name,
    also,
    columns: `
      id int primary key, name text not null, price numeric(12,2) check (price >= 0),
      sku text unique, at date, parent int references parents`,
    many: {
      count: ROWS,
      row: `jsonb_build_object(
        'id', n, 'name', 'Name ' || n, 'price', n, 'sku', 'S' || n, 'at', '2024-01-01', 'parent', 1
      ) || case n % 10 when 3 then '${fault}'::jsonb else '{}' end`,
    },
  }));
  await using test = await setup(
    { name: "parents", columns: "id int primary key", rows: [{ id: 1 }] },
    ...entities,
  );

  const report = await migrate(test.engine, "shop");

  for (const kind of Object.keys(KINDS)) {
    const rejected = kind === "clean" ? {} : { rejected: ROWS / 10 };
    const inserted = ROWS - (rejected.rejected ?? 0);
    assertEquals(counts(report, kind), { source: ROWS, inserted, ...rejected }, kind);
  }
});
