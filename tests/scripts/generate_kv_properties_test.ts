import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type ArbitraryApp, arbitraryApp, columnsOf } from "../support/arbitrary_app.ts";
import { arbitraryJunk } from "../support/arbitrary_junk.ts";
import { verify } from "../support/migration.ts";
import { storePipeline } from "../support/store_pipeline.ts";

const RUNS = Deno.env.get("LANDFALL_TEST_RUNS");
/** The same cases each time; LANDFALL_TEST_SEED and LANDFALL_TEST_RUNS look for others. */
const SEED = Number(Deno.env.get("LANDFALL_TEST_SEED") ?? 558571294);

Deno.test("generate kv: from a store of any schema comes that schema", async () => {
  await using store = await storePipeline();
  const property = fc.asyncProperty(arbitraryApp(), async ({ entities, store: records }) => {
    await store.make(records);

    const plan = await store.plan();

    for (const [place, { table, word, parent, hasLines }] of entities.entries()) {
      const entity = plan.entities.find(({ name }) => name.replace(/^app_/, "") === table);
      if (!entity) throw new Error(`${table} of ${plan.entities.map(({ name }) => name)}`);
      const columns = Object.fromEntries(entity.columns.map(({ name, type }) => [name, type]));
      assertEquals(columns, columnsOf(entities, place), word);
      assertEquals(entity.columns.filter(({ notNull }) => !notNull), [], word);
      assertEquals(
        entity.foreignKeys.map((key) => key.parent.replace(/^app_/, "")),
        parent === undefined ? [] : [entities[parent]!.table],
        word,
      );
      const lines = plan.entities.filter(({ name, foreignKeys }) =>
        name.endsWith("_lines") && foreignKeys.some((key) => key.parent === entity.name)
      );
      if (!hasLines) assertEquals(lines, [], word);
    }
    const outcomes = plan.families.map(({ family, outcome }) => [family.template, outcome]);
    for (const [template, outcome] of outcomes) {
      if (template === "initialized") assertEquals(outcome, "excluded");
      else if (/:(all|email:.*)$/.test(template!)) assertEquals(outcome, "represented", template);
      else assertEquals(outcome, "migrated", template);
    }
  });

  await fc.assert(property, {
    seed: SEED,
    ...RUNS ? { numRuns: Number(RUNS) } : { numRuns: 30, interruptAfterTimeLimit: 15_000 },
  });
});

Deno.test("generate kv: whatever the schema, the tables give the store back", async () => {
  const property = fc.asyncProperty(arbitraryApp(), async (app: ArbitraryApp) => {
    await using store = await storePipeline();
    await store.make(app.store);

    const { run } = await store.move();

    assertEquals([run.state, run.rejects], ["completed", []]);
    assertEquals((await verify(store.engine, "app")).state, "clean");
    const account = await store.account();
    assertEquals(
      account.reduce((sum, { keys }) => sum + keys, 0),
      Object.keys(app.store).length,
    );
    assertEquals((await store.losses()).filter(({ why }) => why === null), []);
  });

  await fc.assert(property, {
    seed: SEED,
    ...RUNS ? { numRuns: Number(RUNS) } : { numRuns: 6, interruptAfterTimeLimit: 15_000 },
  });
});

Deno.test("generate kv: whatever a store holds, each key is accounted for, and no value is lost unsaid", async () => {
  const property = fc.asyncProperty(arbitraryJunk(), async (records) => {
    await using store = await storePipeline();
    await store.make(records);

    const { run } = await store.move();

    assertEquals(run.state, "completed");
    assertEquals((await verify(store.engine, "app")).state, "clean");
    const account = await store.account();
    assertEquals(account.reduce((sum, { keys }) => sum + keys, 0), Object.keys(records).length);
    assertEquals(
      account.find(({ family }) => family === "(of no family)")?.keys ?? 0,
      Object.keys(records).filter((key) => key.split(":").length > 8).length,
    );
    assertEquals((await store.losses()).filter(({ why }) => why === null), []);
  });

  await fc.assert(property, {
    seed: SEED,
    // each case takes a second: a small one is not worth a hundred of them
    endOnFailure: true,
    ...RUNS ? { numRuns: Number(RUNS) } : { numRuns: 10, interruptAfterTimeLimit: 15_000 },
  });
});
