import { assertEquals, assertGreater } from "@std/assert";
import type { AllBench } from "../../scripts/bench/all.ts";
import type { CrmBench } from "../../scripts/bench/crm.ts";
import type { DocumentsBench } from "../../scripts/bench/documents.ts";
import type { KvBench } from "../../scripts/bench/kv.ts";
import type { QueriesBench } from "../../scripts/bench/queries.ts";
import type { UsersBench } from "../../scripts/bench/users.ts";
import type { SqliteBench } from "../../scripts/bench/sqlite.ts";
import { runScript } from "../scripts/run_script.ts";

Deno.test("bench kv measures every way, and all write the same rows", async () => {
  const flags = ["--records", "1000", "--runs", "1", "--clean-only", "--json"];
  const { code, stdout, stderr } = await runScript("bench.ts", ["kv", ...flags], {});

  assertEquals(code, 0, stderr);
  const { machine, results, dirty, memory }: KvBench = JSON.parse(stdout);
  assertGreater(machine.cores, 0);
  assertEquals(results.map(({ rows }) => rows), Array(9).fill(994));
  const without = results.filter(({ ratio }) => ratio === null).map(({ name }) => name.slice(0, 3));
  assertEquals(without, ["(a)", "(g)"]);
  assertEquals(dirty, []);
  if (Deno.build.os === "linux") assertGreater(memory.functions!, 10_000_000);
});

Deno.test("bench sqlite measures every way, and all load the same rows", async () => {
  const flags = ["--records", "1100", "--runs", "1", "--json"];
  const { code, stdout, stderr } = await runScript("bench.ts", ["sqlite", ...flags], {});

  assertEquals(code, 0, stderr);
  const { records, seconds, ratios, peakBytes, whole }: SqliteBench = JSON.parse(stdout);
  assertEquals([records, seconds.copy.length, seconds.import.length], [1_100, 1, 1]);
  assertGreater(ratios.copy!, 0);
  assertEquals(whole.map(({ rows }) => rows), [1_100]);
  assertEquals(ratios.pgloader === null, seconds.pgloader.length === 0);
  if (Deno.build.os === "linux") assertGreater(peakBytes!, 10_000_000);
});

Deno.test("bench users measures every way, and all load the rows of ten users", async () => {
  const flags = ["--records", "1000", "--runs", "1", "--json"];
  const { code, stdout, stderr } = await runScript("bench.ts", ["users", ...flags], {});

  assertEquals(code, 0, stderr);
  const { results }: UsersBench = JSON.parse(stdout);
  assertEquals(results.map(({ rows }) => rows), [100, 100, 100]);
});

Deno.test("bench crm measures every way, and all move the same rows", async () => {
  const flags = ["--records", "4000", "--runs", "1", "--json"];
  const { code, stdout, stderr } = await runScript("bench.ts", ["crm", ...flags], {});

  assertEquals(code, 0, stderr);
  const { all, one, script, dump, verify, ratios }: CrmBench = JSON.parse(stdout);
  const everything = 4_000 + 10 + 100;
  assertEquals([all[0]!.rows, script[0]!.rows], [everything, everything]);
  assertEquals(one[0]!.rows, everything / 10);
  assertEquals(ratios.dump === null, dump.length === 0);
  assertEquals(verify.length, 1);
});

Deno.test("bench documents measures every way, and holds little memory", async () => {
  const flags = ["--records", "1000", "--runs", "1", "--json"];
  const { code, stdout, stderr } = await runScript("bench.ts", ["documents", ...flags], {});

  assertEquals(code, 0, stderr);
  const { documents, copy, script, scriptTasks, export: exported }: DocumentsBench = JSON.parse(
    stdout,
  );
  assertEquals(documents, 1_000 + 1_000 + 10 + 100);
  assertEquals([copy.length, script.length, scriptTasks], [1, 1, 1_000]);
  if (Deno.build.os === "linux") assertGreater(exported[0]!.peakBytes!, 10_000_000);
});

Deno.test("bench queries asks both sides the same four questions", async () => {
  const flags = ["--records", "1000", "--runs", "2", "--json"];
  const { code, stdout, stderr } = await runScript("bench.ts", ["queries", ...flags], {});

  assertEquals(code, 0, stderr);
  const { comparisons, runs }: QueriesBench = JSON.parse(stdout);
  assertEquals([comparisons.length, runs], [4, 2]);
  for (const { title, store, tables } of comparisons) {
    assertGreater(store.requests, 1, title);
    assertGreater(tables.rows, 0, title);
  }
});

Deno.test("bench without a name measures everything, at the sizes it is given", async () => {
  const flags = ["--sizes", "2000,1000", "--runs", "1", "--json"];
  const { code, stdout, stderr } = await runScript("bench.ts", flags, {});

  assertEquals(code, 0, stderr);
  const { sizes, lines }: AllBench = JSON.parse(stdout);
  assertEquals(sizes, [1_000, 2_000]);
  const named = lines.map((size) => [...new Set(size.map(({ bench }) => bench))]);
  assertEquals(named, Array(2).fill(["kv", "sqlite", "crm", "documents", "users"]));
  for (const { what, seconds } of lines.flat()) assertGreater(seconds, 0, what);
});
