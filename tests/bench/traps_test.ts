import { assertEquals, assertGreater } from "@std/assert";
import type { TrapsBench } from "../../scripts/bench/traps.ts";
import { runScript } from "../scripts/run_script.ts";

Deno.test("bench traps: Landfall is right about every trap of SQLite", async () => {
  const flags = ["--landfall-only", "--json"];
  const { code, stdout, stderr } = await runScript("bench.ts", ["traps", ...flags], {});

  assertEquals(code, 0, stderr);
  const { bench, traps }: TrapsBench = JSON.parse(stdout);
  assertEquals(bench, "traps");
  assertGreater(traps.length, 50);
  assertEquals(
    traps.filter(({ landfall }) => !landfall.right).map(({ name, landfall }) => [
      name,
      landfall.found,
    ]),
    [],
  );
  assertEquals(traps.filter(({ pgloader }) => pgloader !== null), []);
});
