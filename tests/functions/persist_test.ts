import { assertEquals, assertRejects } from "@std/assert";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { persist } from "../../supabase/functions/_shared/persist.ts";

const RUN = { name: "run 7", again: "runId 7" };

Deno.test("persist() repeats a call until the engine answers", async () => {
  const answers = [away(), away(), Promise.resolve("done")];
  answers.forEach((answer) => answer.catch(() => {}));

  assertEquals(await persist(() => answers.shift()!, RUN), "done");
  assertEquals(answers.length, 0);
});

Deno.test("persist() repeats no call that failed for another reason", async () => {
  let calls = 0;

  const failing = persist(() => {
    calls++;
    throw new LandfallError("LF204", "Unknown table");
  }, RUN);

  await assertRejects(() => failing, LandfallError, "Unknown table");
  assertEquals(calls, 1);
});

function away(): Promise<string> {
  return Promise.reject(new LandfallError("LF005", "The engine cannot be reached"));
}
