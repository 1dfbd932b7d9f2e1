import { assertEquals, assertStringIncludes } from "@std/assert";
import type postgres from "postgres";
import { previewRollback, rollBack, type RollbackReport } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { setup } from "./setup.ts";

/** A target that refers to itself, has a unique column, and a trigger with a say in each update. */
const PEOPLE = {
  columns: `
    id int primary key, name text not null, mail text unique, boss int references items,
    touched timestamptz not null default now()`,
  give: { touched: null },
  also: `
    create function public.touch() returns trigger language plpgsql as $$ begin
      new.touched := clock_timestamp();
      return new;
    end $$;
    create trigger touch before update on items for each row execute function public.touch()`,
} as const;

Deno.test("start_rollback() takes back what one run inserted, changed and rejected, to the byte", async () => {
  await using test = await setup({
    ...PEOPLE,
    rows: [
      { id: 1, name: "a", mail: "a@a.b", boss: 3 },
      { id: 2, name: "b", mail: "b@a.b" },
      { id: 3, name: "c", mail: "c@a.b" },
      { id: 4 },
    ],
  });
  const empty = await contents(test.sql);
  await test.migrate();
  const first = await contents(test.sql);
  // a change, a fault, a row that takes over an address, a row for another to refer to
  await test.stage([
    { id: 1, name: "A", mail: "x@a.b", boss: 5 },
    { id: 2 },
    { id: 3, name: "c", mail: "c@a.b" },
    { id: 4, name: "d", mail: "d@a.b" },
    { id: 5, name: "e", mail: "e@a.b", boss: 1 },
    { id: 6, name: "f", mail: "a@a.b" },
  ]);
  await test.migrate();
  await test.migrate();
  const third = await contents(test.sql);

  const previewed = await previewRollback(test.engine, 3);
  assertEquals(await contents(test.sql), third);
  assertEquals(undone(await rollBack(test.engine, 3)), undone(previewed));

  assertEquals(undone(await rollBack(test.engine, 2)), { deleted: 3, restored: 1 });
  assertEquals(await contents(test.sql), first);
  assertEquals(undone(await rollBack(test.engine, 1)), { deleted: 3 });
  assertEquals(await contents(test.sql), empty);
});

Deno.test("start_rollback() asks for the newest run first, and says what would stay (LF401)", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a" }, { id: 2, name: "b" }] });
  await test.migrate();
  await test.stage([{ id: 1, name: "A" }]);
  await test.migrate();

  const failure = await refusal(test.engine`select landfall.start_rollback(1)`);
  assertEquals(failure.code, "LF401");
  assertStringIncludes(
    failure.detail,
    "Run 2 has written the same tables and changed 1 of its rows",
  );

  const { newerRuns } = await previewRollback(test.engine, 1);
  assertEquals(newerRuns.map(({ runId, changed }) => ({ runId, changed })), [
    { runId: 2, changed: 1 },
  ]);
  const report = await rollBack(test.engine, 1, { anyOrder: true });
  assertEquals(undone(report), { deleted: 1, left: 1 });
  assertEquals(why(report), { "run 2 has changed it since": ["r0001"] });
  assertEquals(undone(await rollBack(test.engine, 2)), { restored: 1 });
  assertEquals(undone(await rollBack(test.engine, 1)), { deleted: 2 });
});

Deno.test("start_rollback() joins a roll-back under way, unless it is another (LF402)", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a" }] });
  await test.migrate();
  await test.engine`select landfall.start_rollback(1)`;

  const { code } = await refusal(
    test.engine`select landfall.start_rollback(1, '{"force": true}')`,
  );

  assertEquals(code, "LF402");
  assertEquals((await rollBack(test.engine, 1)).state, "rolled_back");
});

Deno.test("cancel_run() does not end a roll-back half way (LF206)", async () => {
  await using test = await setup({ rows: [{ id: 1, name: "a" }] });
  await test.migrate();
  await test.engine`select landfall.start_rollback(1)`;

  const { code, hint } = await refusal(test.engine`select landfall.cancel_run(1)`);

  assertEquals(code, "LF206");
  assertStringIncludes(hint, "call rollback");
});

/** All rows of the target, as text. */
async function contents(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`select items::text as row from items order by id`;
  return rows.map(({ row }) => row);
}

/** The counts of a roll-back that are not zero. */
function undone(report: RollbackReport, entity = "items"): Record<string, number> {
  const { deleted, restored, rewritten, released, left } = report.entities
    .find((row) => row.entity === entity)!;
  const all = { deleted, restored, rewritten, released, left };
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
}

/** Why rows were left, each reason with sample keys. */
function why(report: RollbackReport): Record<string, string[]> {
  return Object.fromEntries(report.leftovers.map(({ reason, sample }) => [reason, sample]));
}
