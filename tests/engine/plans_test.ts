import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { counts, migrate, rollBack, verify } from "../support/migration.ts";
import { type Setup, setup } from "./setup.ts";

const PARENTS = 2_000;
const ROWS = 20_000;
/** A row is read by a few statements; read once for each other row, it would be thousands. */
const READS_A_ROW = 20;

const CASES = {
  // 19 of 20 rows have the same parent
  "most rows with one parent, and statistics of ten rows": {
    parent: "case n % 20 when 0 then 1 + n % 2000 else 1 end",
    spoil: few,
  },
  "rows spread over all parents, and no statistics": { parent: "1 + n % 2000", spoil: none },
};

for (const [name, { parent, spoil }] of Object.entries(CASES)) {
  Deno.test(`with ${name}, no table is read once a row`, async () => {
    await using test = await skewed(parent);
    await spoil(test);
    // one session, which can be asked what it has read
    const session = await test.engine.reserve();
    const engine = session as unknown as postgres.Sql;
    const steps: Record<string, () => Promise<unknown>> = {
      migrate: async () => {
        const report = await migrate(engine, "shop");
        assertEquals(counts(report), { source: ROWS, inserted: ROWS });
      },
      verify: async () => assertEquals((await verify(engine, "shop")).state, "clean"),
      "migrate again": async () => {
        const report = await migrate(engine, "shop");
        assertEquals(counts(report), { source: ROWS, unchanged: ROWS });
      },
      "roll back": () => rollBack(engine, 1),
    };

    let before = await reads(engine);
    for (const [step, work] of Object.entries(steps)) {
      await work();
      const now = await reads(engine);
      const read = (now - before) / ROWS;
      assert(read > 1, `${step}: nothing is measured`);
      assert(read < READS_A_ROW, `${step}: ${read} rows read for each`);
      before = now;
    }
    session.release();
    assertEquals([...await test.sql`select from items`], []);
  });
}

Deno.test("a table that is undone and said to be empty is looked into by its key", async () => {
  await using test = await skewed(CASES["rows spread over all parents, and no statistics"].parent);
  const session = await test.engine.reserve();
  const engine = session as unknown as postgres.Sql;
  await migrate(engine, "shop");
  await engine`select landfall.start_rollback(1)`;
  for (let left = true; left;) {
    await engine`select landfall.advance_rollback(1, 0)`;
    [{ left }] = await test.sql`select exists (select from items) as left` as [{ left: boolean }];
  }
  // as autovacuum may do at any moment
  await test.sql`analyze items`;

  const before = await blocks(engine);
  await rollBack(engine, 1);
  const read = (await blocks(engine) - before) / PARENTS;
  session.release();

  assert(read > 1, "nothing is measured");
  // by the app's key and by ours: an index of two levels; all of it would be more than fifty
  assert(read < 12, `${read} blocks of the index read for each parent`);
});

Deno.test("the next keys to undo are read, not all that are left, whatever lineage is said to have", async () => {
  await using test = await skewed(CASES["rows spread over all parents, and no statistics"].parent);
  await test.sql`analyze landfall.lineage`;
  const session = await test.engine.reserve();
  const engine = session as unknown as postgres.Sql;
  await migrate(engine, "shop");

  const before = await reads(engine);
  const [next] = await engine`
    select cardinality(landfall.keys_to_undo(1, entities.id, 'undo', 0, 'r', null, 100)) as keys
    from landfall.entities
    where name = 'items'`;
  const read = await reads(engine) - before;
  session.release();

  assertEquals(next!.keys, 100);
  assert(read >= 100 && read < 1_000, `${read} rows read for 100 keys`);
});

Deno.test("parents that are named by two columns are looked up, not read for each batch", async () => {
  const parents = 12_000;
  await using test = await setup({
    name: "parents",
    columns: "id int primary key, owner int not null, unique (owner, id)",
    many: { count: parents, row: "jsonb_build_object('id', n, 'owner', n % 7)" },
  }, {
    columns: `id int primary key, owner int, parent int,
      foreign key (owner, parent) references parents (owner, id)`,
    many: {
      count: ROWS,
      row: "jsonb_build_object('id', n, 'parent', 1 + n % 12000, 'owner', (1 + n % 12000) % 7)",
    },
    rows: [
      { id: -1, parent: 3, owner: 3 },
      { id: -2, parent: 3, owner: 4 },
      { id: -3, parent: 3 },
      { id: -4, parent: parents + 1, owner: 1 },
    ],
  });
  const session = await test.engine.reserve();
  const engine = session as unknown as postgres.Sql;
  const report = await migrate(engine, "shop", { batchSize: 2_000 });
  await engine`select pg_stat_force_next_flush()`;
  const [row] = await engine`
    select seq_tup_read::int as read from pg_stat_user_tables where relid = 'parents'::regclass`;
  session.release();

  assertEquals(counts(report), { source: ROWS + 4, inserted: ROWS + 2, rejected: 2 });
  // once or twice, but not for each of ten batches
  assert(row!.read < 4 * parents, `${row!.read} parents read`);
});

async function skewed(parent: string): Promise<Setup> {
  const test = await setup({
    name: "parents",
    columns: "id int primary key",
    many: { count: PARENTS, row: "jsonb_build_object('id', n)" },
  }, {
    columns: "id int primary key, parent int not null references parents",
    also: "create index on items (parent)",
    many: { count: ROWS, row: `jsonb_build_object('id', n, 'parent', ${parent})` },
  });
  for (const table of await tables(test.sql)) {
    await test.sql.unsafe(`alter table ${table} set (autovacuum_enabled = false)`);
  }
  return test;
}

/** The tables were analyzed when they had ten rows. */
async function few({ sql }: Setup): Promise<void> {
  for (const table of await tables(sql)) {
    await sql.begin(async (sql) => {
      await sql.unsafe(`create temporary table kept on commit drop as select * from ${table}`);
      await sql.unsafe(`delete from ${table}`);
      await sql.unsafe(`insert into ${table} select * from kept limit 10`);
      await sql.unsafe(`analyze ${table}`);
      await sql.unsafe(`insert into ${table} select * from kept offset 10`);
    });
  }
}

async function none(): Promise<void> {}

/** The rows that were read so far, by any way. */
async function reads(sql: postgres.Sql): Promise<number> {
  await sql`select pg_stat_force_next_flush()`;
  const [row] = await sql`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::float as reads
    from pg_stat_user_tables`;
  return row!.reads;
}

/** The blocks of the index on the rows' parents that were read so far. */
async function blocks(sql: postgres.Sql): Promise<number> {
  await sql`select pg_stat_force_next_flush()`;
  const [row] = await sql`
    select (idx_blks_hit + idx_blks_read)::float as blocks
    from pg_statio_user_indexes where indexrelname = 'items_parent_idx'`;
  return row!.blocks;
}

async function tables(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`
    select oid::regclass::text as name from pg_class
    where relkind = 'r' and (relname in ('parents', 'items', 'shop_parents', 'shop_items'))`;
  return rows.map(({ name }) => name);
}
