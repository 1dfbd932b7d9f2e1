import { assertEquals, assertMatch } from "@std/assert";
import { engineFailure } from "../../supabase/functions/_shared/engine_failure.ts";

Deno.test("engineFailure() keeps the engine's own code, details and hint", () => {
  const failure = { code: "LF204", message: "No table x", details: "Its tables are …", hint: "…" };

  assertEquals(engineFailure("start_run", failure, 400).toJSON(), {
    code: "LF204",
    message: "No table x",
    details: "Its tables are …",
    hint: "…",
  });
});

Deno.test("engineFailure() tells what a foreign failure means", () => {
  const failures: [code: string, status: number, expected: string][] = [
    ["", 0, "LF005"],
    ["", 503, "LF005"],
    ["PGRST001", 503, "LF005"],
    ["57P03", 503, "LF005"],
    ["40P01", 500, "LF005"],
    ["PGRST301", 401, "LF006"],
    ["42501", 403, "LF007"],
    ["PGRST106", 406, "LF009"],
    ["PGRST202", 404, "LF009"],
    ["42883", 404, "LF009"],
    ["57014", 500, "LF012"],
  ];

  for (const [code, status, expected] of failures) {
    assertEquals(engineFailure("status", { code, message: "m" }, status).code, expected, code);
  }
});

Deno.test("engineFailure() says what to do when a function took too long (LF012)", () => {
  const hint = (name: string) =>
    engineFailure(name, { code: "57014", message: "m" }, 500).hint ?? "";

  assertMatch(hint("dry_run"), /set limit or tables/);
  assertMatch(hint("advance_run"), /smaller batchSize/);
  assertMatch(hint("preview_rollback"), /set tables/);
  assertMatch(hint("advance_rollback"), /Call again with the same request/);
  assertMatch(hint("advance_verification"), /Call again with the verificationId/);
  assertMatch(hint("run_report"), /Call again/);
});

Deno.test("engineFailure() takes a failure without words for a lost connection (LF005)", () => {
  assertEquals(engineFailure("status", { code: "", message: "" }, 400).code, "LF005");
  assertEquals(engineFailure("status", { code: "", message: "m" }, 400).code, "LF007");
});

Deno.test("engineFailure() never passes on a key", () => {
  const message = "TypeError: error sending request for postgres://me:pw@db/x with sb_secret_abc";

  const { details } = engineFailure("status", { code: "", message }, 0);

  assertEquals(
    details,
    "TypeError: error sending request for postgres://***@db/x with sb_secret_***",
  );
});
