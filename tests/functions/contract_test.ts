import { assertEquals } from "@std/assert";
import { FAILURES } from "../../supabase/functions/_shared/errors.ts";

const MIGRATIONS = new URL("../../supabase/migrations/", import.meta.url);

/** How a dry run takes back what it did; nobody outside sees it. */
const INTERNAL = "LF000";

Deno.test("FAILURES holds the codes that SQL raises, and no others", async () => {
  const raised = new Set<string>();
  for await (const { name } of Deno.readDir(MIGRATIONS)) {
    const sql = await Deno.readTextFile(new URL(name, MIGRATIONS));
    for (const [, code] of sql.matchAll(/'(LF\d{3})'/g)) raised.add(code!);
  }
  raised.delete(INTERNAL);

  const known = Object.keys(FAILURES).filter((code) => !code.startsWith("LF0"));
  assertEquals([...raised].sort(), known.sort());
});

Deno.test("FAILURES has an HTTP status of an error for every code", () => {
  for (const [code, { status }] of Object.entries(FAILURES)) {
    assertEquals(status >= 400 && status < 600, true, code);
  }
});
