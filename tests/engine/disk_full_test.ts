import { assert, assertEquals } from "@std/assert";
import postgres from "postgres";
import { advance, counts, finishRun, rollBack, startRun, verify } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { smallDisk } from "../support/small_disk.ts";
import { setup } from "./setup.ts";

const ROWS = 6_000;

Deno.test("a full disk stops a run with what Postgres says, and with room again it goes on", async (t) => {
  await using disk = await smallDisk("2m");
  if (!disk) {
    console.log("Skipped: only root on Linux can mount a small disk");
    return;
  }
  await using test = await setup({
    columns: "id int primary key, name text not null",
    many: {
      count: ROWS,
      row: "jsonb_build_object('id', n, 'name', repeat(md5(n::text), 25))",
    },
  });
  const url = new URL(Deno.env.get("LANDFALL_TEST_DATABASE")!);
  url.pathname = `/${test.database.name}`;
  const owner = postgres(url.href, { max: 1, onnotice: () => {} });
  const space = `small_${test.database.name}`;
  await owner.unsafe(`create tablespace ${space} location '${disk.path}'`);
  try {
    await owner.unsafe(`alter table items set tablespace ${space}`);
    await startRun(test.engine, "shop", { batchSize: 500 });

    await t.step("the run stops, whenever it is called", async () => {
      for (const _ of [1, 2]) {
        const work = async () => {
          for (;;) await advance(test.engine, 1, 1);
        };
        const { code, message } = await refusal(work());
        assertEquals(code, "53100");
        assert(message.includes("No space left on device"), message);
      }
      const [row] = await test.sql`
        select
          (select count(*)::int from items) as items,
          (select count(*)::int from landfall.lineage) as lineage,
          (select sum(inserted)::int from landfall.batches) as counted,
          (select count(*)::int from landfall.rejects) as rejects`;
      assert(row!.items > 0 && row!.items < ROWS, `${row!.items} rows`);
      assertEquals({ ...row }, {
        items: row!.items,
        lineage: row!.items,
        counted: row!.items,
        rejects: 0,
      });
    });

    await disk.resize("64m");
    const report = await finishRun(test.engine, 1);
    assertEquals(counts(report), { source: ROWS, inserted: ROWS });
    assertEquals((await verify(test.engine, "shop")).differences, []);
    assertEquals((await rollBack(test.engine, 1)).leftovers, []);
  } finally {
    await test.sql`drop table items cascade`;
    await owner.unsafe(`drop tablespace ${space}`);
    await owner.end();
  }
});
