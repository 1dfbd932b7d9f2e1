import { assertEquals, assertMatch } from "@std/assert";
import { walk } from "./walk.ts";
import { FAILURES } from "../../supabase/functions/_shared/errors.ts";
import { migrations } from "./migrations.ts";

const ENGINE_CODES = Object.keys(FAILURES).filter((code) => !code.startsWith("LF0"));

Deno.test("the codes that SQL raises are those that FAILURES explains", async () => {
  const raised = new Set<string>();
  for (const { sql } of await migrations()) {
    for (const [, code] of sql.matchAll(/'(LF\d{3})'/g)) raised.add(code!);
  }

  assertEquals([...raised].sort(), ENGINE_CODES.sort());
});

Deno.test("whatever SQL raises has a sentence and a hint that says what to do", async () => {
  for (const { name, sql } of await migrations()) {
    for (const [raise] of sql.matchAll(/raise exception using(?:.|\n)*?;\n/g)) {
      if (!/'LF\d{3}'/.test(raise)) continue;
      assertMatch(raise, /\bmessage = /, name);
      assertMatch(raise, /\bhint {4}= /, name);
    }
    assertEquals(sql.match(/raise exception '/g), null, name);
  }
});

Deno.test("every code is in the name of a test, or in a test's table of refusals", async () => {
  const tests = await walk("tests");
  const text = (await Promise.all(
    tests.filter((path) => path.endsWith("_test.ts") && !path.includes("/rules/"))
      .map((path) => Deno.readTextFile(path)),
  )).join("\n");

  assertEquals(ENGINE_CODES.filter((code) => !text.includes(code)), []);
});

Deno.test("every code has the HTTP status of an error", () => {
  const others = Object.entries(FAILURES).filter(([, { status }]) => status < 400 || status > 599);

  assertEquals(others, []);
});
