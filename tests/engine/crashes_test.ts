import { assert, assertEquals } from "@std/assert";
import { finishRun, outcome, startRun, verify } from "../support/migration.ts";
import { type Competing, competing } from "./competing.ts";
import { dieDuring, WORK } from "./die_during.ts";

Deno.test("a worker killed at any moment loses nothing and repeats nothing", async () => {
  await using undisturbed = await competing();
  await using disturbed = await competing();
  await startRun(undisturbed.engine, "shop", { batchSize: 15 });
  const expected = await finishRun(undisturbed.engine, 1);
  await startRun(disturbed.engine, "shop", { batchSize: 15 });

  const deaths = await workAndDie(disturbed, 25);
  const report = await finishRun(disturbed.engine, 1);

  assert(deaths >= 10, `${deaths} deaths only`);
  assertEquals(outcome(report), outcome(expected));
  assertEquals(await disturbed.contents(), await undisturbed.contents());
  assertEquals((await verify(disturbed.engine, "shop")).differences, []);
});

Deno.test("a worker killed while another works does not hold that one up", async () => {
  await using undisturbed = await competing();
  await using disturbed = await competing();
  await startRun(undisturbed.engine, "shop", { batchSize: 15 });
  const expected = await finishRun(undisturbed.engine, 1);
  await startRun(disturbed.engine, "shop", { batchSize: 15 });

  const [, report] = await Promise.all([
    workAndDie(disturbed, 12),
    finishRun(disturbed.engine, 1),
  ]);

  assertEquals(outcome(report), outcome(expected));
  assertEquals(await disturbed.contents(), await undisturbed.contents());
  assertEquals((await verify(disturbed.engine, "shop")).differences, []);
});

Deno.test("a dry run killed at any moment leaves no trace", async () => {
  await using test = await competing();
  const before = await test.contents();

  for (let death = 0; death < 4; death++) {
    await dieDuring(test, "select landfall.dry_run('shop')", 20 + death * 40);
  }

  assertEquals(await test.contents(), before);
  const [runs] = await test.sql`select count(*)::int as count from landfall.runs`;
  assertEquals(runs, { count: 0 });
});

/**
 * Works on run 1, and has the backend killed at random moments.
 *
 * @returns How many workers died before the run was over.
 */
async function workAndDie(test: Competing, times: number): Promise<number> {
  let deaths = 0;
  while (deaths < times) {
    if (!await dieDuring(test, WORK, Math.random() * 60)) break;
    deaths++;
  }
  return deaths;
}
