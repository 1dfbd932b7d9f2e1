import { assertEquals } from "@std/assert";
import type { EntityOptions } from "../support/builders.ts";
import {
  finishRun,
  rollBack,
  type RunOptions,
  type RunReport,
  startRun,
} from "../support/migration.ts";
import { randomFrom } from "../support/random_from.ts";
import { type Setup, setup } from "./setup.ts";

const ROUNDS = 25;

/** Two tables of the same rows: the first's are called self-contained. */
const TWINS: readonly EntityOptions[] = ["alone", "whole"].map((name) => ({
  name,
  selfContained: name === "alone",
  columns: `
    id int primary key, name text not null, price numeric(6,2) check (price >= 0), place int,
    unique (place)`,
  rules: [
    {
      name: "waits",
      action: "defer",
      reason: "it waits",
      condition: "coalesce((source_row ->> 'wait')::boolean, false) is false",
    },
    { name: "cheap", action: "finding", reason: "it is cheap", condition: "price > 2" },
    { name: "odd", action: "reject", reason: "it is odd", condition: "name <> 'odd'" },
  ],
}));

Deno.test("whatever befalls them, self-contained rows end like those that are all computed", async () => {
  const seed = Number(Deno.env.get("LANDFALL_TEST_SEED") ?? Math.floor(Math.random() * 1e9));
  console.log(`LANDFALL_TEST_SEED=${seed} repeats these rounds`);
  const random = randomFrom(seed);
  const chance = (of: number) => Math.floor(random() * of);
  await using test = await setup(...TWINS);
  let unchanged = 0;

  for (let round = 0; round < ROUNDS; round++) {
    await change(test, chance);
    const { runId } = await startRun(test.engine, "shop", options(chance));
    const report = await finishRun(test.engine, runId!);
    unchanged += report.entities[0]!.unchanged;
    assertEquals(told(report, "alone"), told(report, "whole"), `round ${round}`);
    assertEquals(await kept(test, "alone"), await kept(test, "whole"), `round ${round}`);

    if (chance(4) === 0) {
      const undone = await rollBack(test.engine, runId!);
      const [alone, whole] = undone.entities
        .map(({ entity: _entity, target: _target, durationMs: _time, ...counts }) => counts);
      assertEquals(alone, whole, `round ${round}, undone`);
      assertEquals(await kept(test, "alone"), await kept(test, "whole"), `round ${round}, undone`);
    }
  }
  assertEquals(unchanged > 0, true);
});

/** Changes, adds and takes away some legacy rows of both. */
async function change({ sql }: Setup, chance: (of: number) => number): Promise<void> {
  for (let some = chance(6); some > 0; some--) {
    const id = chance(30);
    const key = `r${String(id).padStart(4, "0")}`;
    const row = {
      id,
      name: ["a", "b", "odd", null][chance(4)],
      price: ["1", "3.50", "-1", "much"][chance(4) * chance(2)],
      place: chance(20),
      wait: chance(6) === 0,
    };
    const gone = chance(6) === 0;
    for (const { name } of TWINS) {
      const staging = sql(`staging.shop_${name}`);
      if (gone) await sql`delete from ${staging} where key = ${key}`;
      else {
        await sql`
          insert into ${staging} (key, row) values (${key}, ${sql.json(row as never)})
          on conflict (key) do update set row = excluded.row`;
      }
    }
  }
}

function options(chance: (of: number) => number): RunOptions {
  return {
    batchSize: 1 + chance(12),
    ...chance(4) === 0 ? { prune: true } : {},
    ...chance(4) === 0 ? { onExisting: "update" } : {},
    ...chance(5) === 0 ? { ruleActions: { odd: ["reject", "finding", "off"][chance(3)]! } } : {},
  };
}

/** What a report tells of one of them. */
function told({ entities, rejects, findings, leftovers }: RunReport, name: string): unknown {
  const of = <Row extends { readonly entity: string }>(rows: readonly Row[]) =>
    rows.filter(({ entity }) => entity === name).map(({ entity: _name, ...rest }) => rest);
  return {
    entities: of(entities).map(({ durationMs: _time, target: _target, ...rest }) => rest),
    rejects: of(
      rejects.map(({ reason, ...rest }) => ({ ...rest, reason: reason.replace(name, "") })),
    ).sort((one, other) => JSON.stringify(one) < JSON.stringify(other) ? -1 : 1),
    findings: of(findings),
    leftovers: of(leftovers),
  };
}

/** The rows of one of them, and all that the engine keeps of these. */
async function kept({ sql }: Setup, name: string): Promise<unknown> {
  const [row] = await sql`
    select
      (select jsonb_agg(to_jsonb(row_) order by id) from ${sql(`public.${name}`)} as row_) as rows,
      (
        select jsonb_agg(
          to_jsonb(lineage) - 'entity_id' - 'legacy_hash' order by lineage.source_key
        )
        from landfall.lineage where lineage.entity_id = entities.id
      ) as lineage,
      (
        select jsonb_agg(jsonb_build_array(rejects.source_key, rejects.run_id, rejects.settled_by)
          order by rejects.source_key, rejects.run_id)
        from landfall.rejects where rejects.entity_id = entities.id
      ) as rejects,
      (
        select jsonb_agg(to_jsonb(deferred) - 'entity_id' - 'since' order by deferred.source_key)
        from landfall.deferred where deferred.entity_id = entities.id
      ) as deferred,
      (
        select jsonb_agg(to_jsonb(changes) - 'entity_id' - 'before_legacy_hash'
          order by changes.source_key, changes.run_id)
        from landfall.changes where changes.entity_id = entities.id
      ) as changes
    from landfall.entities
    where entities.name = ${name}`;
  return row;
}
