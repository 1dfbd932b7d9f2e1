import { assertEquals, assertObjectMatch } from "@std/assert";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { settle } from "../../supabase/functions/_shared/settle.ts";

Deno.test("settle() logs a reply as one line of names and ids", async () => {
  const { lines } = await logged(() =>
    Promise.resolve({ runId: 7, pipeline: "kv", rejects: ["a"] })
  );

  assertEquals(lines.length, 1);
  const { durationMs: _durationMs, ...line } = JSON.parse(lines[0]!);
  assertEquals(line, { event: "answered", function: "migrate", runId: 7, pipeline: "kv" });
});

Deno.test("settle() logs a failure without what it says", async () => {
  const { lines, outcome } = await logged(() => {
    throw new LandfallError("LF302", 'invalid input syntax for type uuid: "secret value"');
  });

  assertObjectMatch(JSON.parse(lines[0]!), { event: "failed", code: "LF302" });
  assertEquals(lines[0]!.includes("secret value"), false);
  assertEquals(outcome.kind, "failure");
});

Deno.test("settle() turns an unexpected error into LF007 and logs where it came from", async () => {
  const { lines, outcome } = await logged(() => {
    throw new TypeError("no such thing as sb_secret_abc");
  });

  assertObjectMatch(outcome, { kind: "failure", failure: { code: "LF007" } });
  assertEquals(JSON.stringify(outcome).includes("sb_secret_abc"), false);
  const line = JSON.parse(lines[0]!);
  assertEquals([line.code, line.error], ["LF007", "TypeError"]);
  assertEquals(line.at.includes("settle_test.ts"), true);
});

/** Runs settle() and catches what it prints. */
async function logged(work: () => Promise<unknown>) {
  const lines: string[] = [];
  const print = console.log;
  console.log = (line: string) => lines.push(line);
  try {
    return { outcome: await settle("migrate", work), lines };
  } finally {
    console.log = print;
  }
}
