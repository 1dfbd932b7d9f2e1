import { assertEquals } from "@std/assert";
import { makeStore } from "../../scripts/demo/make_store.ts";
import { callFunction } from "../../scripts/invoke/call_function.ts";
import { RunReport, type StreamEvent } from "../../supabase/functions/_shared/contract.ts";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { type BreakableStack, startBreakableStack } from "../support/breakable_stack.ts";
import { differences, type EndState, endState } from "../support/end_state.ts";

Deno.test("probe", async () => {
  await using stack = await startBreakableStack();
  console.time("store");
  await makeStore(stack.sql, { table: "kv_store_c0ffee00", records: 3000, faults: { share: 0.1 } });
  console.timeEnd("store");
  for (let i = 0; i < 3; i++) {
    for (const pauseMs of [0, 1]) {
      await reset(stack);
      const t = performance.now();
      const report = RunReport.parse(
        await callFunction(stack.target, "migrate-kv", { batchSize: 100, workers: 2, pauseMs }, {
          signal: new AbortController().signal,
          onEvent: (e) => {
            if (i == 2 && e.event === "progress") {
              console.log(
                Math.round(performance.now() - t),
                e.progress.done,
                e.progress.total,
                e.progress.rows,
              );
            }
          },
        }),
      );
      console.log(
        pauseMs,
        performance.now() - t,
        report.entities.map((e) => [e.source, e.inserted, e.rejected, e.durationMs]),
      );
      console.time("state");
      const s = await endState(stack.sql, report);
      console.timeEnd("state");
      if (expected) console.log(differences(expected, s));
      expected = s;
    }
  }
});
let expected: EndState | undefined;
async function reset({ sql }: BreakableStack) {
  await sql`truncate landfall.runs, landfall.lineage, landfall.deferred, clients, catalogs, sites, products, employees, orders cascade`;
}
