import { assertEquals, assertMatch } from "@std/assert";
import { runScript } from "./run_script.ts";

Deno.test("bench names the benchmarks when it does not know one (LF008)", async () => {
  const { code, stderr } = await runScript("bench.ts", ["nothing"], {});

  assertEquals(code, 2);
  assertMatch(
    stderr,
    /error LF008: Cannot measure "nothing"\n {2}Benchmarks are all, crm, documents, kv, queries, sqlite, traps, users\./,
  );
});

for (
  const [why, flags] of Object.entries({
    "an unknown flag": ["--fast"],
    "too few records": ["--records", "10"],
    "no runs": ["--runs", "0"],
    "a number that is none": ["--runs", "many"],
  })
) {
  Deno.test(`bench kv refuses ${why} (LF008)`, async () => {
    const { code, stderr } = await runScript("bench.ts", ["kv", ...flags], {});

    assertEquals(code, 2);
    assertMatch(stderr, /error LF008: .*\n {2}Usage: deno task bench kv /);
  });
}

Deno.test("bench sqlite refuses what it does not know (LF008)", async () => {
  for (const flags of [["--fast"], ["--records", "10"], ["--runs", "many"]]) {
    const { code, stderr } = await runScript("bench.ts", ["sqlite", ...flags], {});
    assertEquals(code, 2);
    assertMatch(stderr, /error LF008: .*\n {2}Usage: deno task bench sqlite /);
  }
});

Deno.test("bench traps refuses what it does not know (LF008)", async () => {
  const { code, stderr } = await runScript("bench.ts", ["traps", "--records", "5"], {});

  assertEquals(code, 2);
  assertMatch(stderr, /error LF008: Unknown argument --records\n {2}Usage: deno task bench traps /);
});

Deno.test("bench refuses flags that make no sense (LF008)", async () => {
  for (const flags of [["--sizes", "12"], ["--sizes", "1000,x"], ["--runs", "0"], ["--fast"]]) {
    const { code, stderr } = await runScript("bench.ts", flags, {});
    assertEquals(code, 2, flags.join(" "));
    assertMatch(stderr, /LF008: .*\n.*Usage: deno task bench \[--sizes/);
  }
});
