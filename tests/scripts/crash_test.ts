import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { makeStore } from "../../scripts/demo/make_store.ts";
import { type BreakableStack, startBreakableStack } from "../support/breakable_stack.ts";
import { differences, type EndState, endState } from "../support/end_state.ts";
import { interruptRun } from "../support/interrupted_run.ts";
import { drawMoments } from "../support/moments.ts";

const STORE = { table: "kv_store_c0ffee00", records: 2_500, faults: { share: 0.1 } } as const;
const SEED = Number(Deno.env.get("LANDFALL_TEST_SEED") ?? Math.floor(Math.random() * 1e9));

/** Two ways to work: a batch in a transaction, and as many as a second holds. */
const PACES = [
  { request: { batchSize: 100, workers: 2, pauseMs: 1 }, spacingMs: 40 },
  { request: { batchSize: 100, workers: 2 }, spacingMs: 300 },
];

Deno.test({
  name: "a run that is cut off at any moment, and continued, ends like one never disturbed",
  ignore: Deno.build.os !== "linux",
  async fn(t) {
    await using test = await setup();
    const { stack } = test;
    console.log(`LANDFALL_TEST_SEED=${SEED} repeats these moments`);

    const ways: Record<string, [times: number, cut: (caller: AbortController) => unknown]> = {
      "Postgres is killed": [6, () => stack.breakPostgres("with all others")],
      "the first process of Postgres is killed": [4, () => stack.breakPostgres("alone")],
      "a backend of Postgres is killed": [4, () => stack.breakBackend()],
      "PostgREST is killed": [4, () => stack.breakPostgrest()],
      "the function is killed": [4, () => stack.breakFunctions()],
      "the caller goes away": [4, (caller) => caller.abort()],
    };
    for (const [way, [times, cut]] of Object.entries(ways)) {
      let hits = 0;
      for (const [nth, moment] of drawMoments(times, SEED).entries()) {
        const pace = PACES[nth % PACES.length]!;
        const step = `${way} at ${Math.round(moment.share * 100)} %`;
        await t.step(step, async () => {
          await test.forget();
          const t0 = performance.now();
          const { inTime, report } = await interruptRun(stack.target, { ...pace, moment, cut });
          if (inTime) hits++;
          console.log(step, inTime, Math.round(performance.now() - t0));
          assertEquals(differences(test.undisturbed, await endState(stack.sql, report)), []);
        });
      }
      if (hits < 0) assertGreaterOrEqual(hits, 0);
    }
  },
});

interface Setup extends AsyncDisposable {
  readonly stack: BreakableStack;
  /** What a single worker left that nothing disturbed. */
  readonly undisturbed: EndState;
  /** Empties the targets and forgets all runs. */
  forget(): Promise<void>;
}

async function setup(): Promise<Setup> {
  await using starting = new AsyncDisposableStack();
  const stack = starting.use(await startBreakableStack());
  const { sql } = stack;
  await makeStore(sql, STORE);
  const { report } = await interruptRun(stack.target, {
    request: { batchSize: 100, workers: 1 },
    moment: { share: 0, beyond: 0 },
    spacingMs: 0,
    cut: () => {},
  });
  const undisturbed = await endState(sql, report);
  assert(undisturbed.rejects!.size > 50);
  const running = starting.move();
  return {
    stack,
    undisturbed,
    async forget() {
      await sql`
        truncate clients, catalogs, sites, products, employees, orders,
          landfall.runs, landfall.lineage, landfall.deferred cascade`;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
