import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Setup, setup } from "../functions/setup.ts";
import { hasBegun } from "../support/has_begun.ts";
import { type Ended, runScript } from "./run_script.ts";

const SLOW = ["migrate-kv", "--batch-size", "10", "--pause-ms", "200"];

Deno.test("a run that is paused from elsewhere ends its command, and can be continued", async () => {
  await using test = await setup({ clients: 200 });
  const first = invoke(test, ...SLOW);
  await hasBegun(test.sql);

  const pause = await invoke(test, "pause", "--run-id", "1");
  const ended = await first;
  const [at] = await test.sql`select state from landfall.runs`;
  await test.sql`update landfall.runs set options = options - 'pauseMs' where id = 1`;
  const continued = await invoke(test, "migrate", "--run-id", "1");

  const says = (name: string) =>
    `\nRun 1 is paused. Continue it with: deno task supabase functions invoke ${name} --run-id 1\n`;
  assertEquals([pause.code, ended.code, continued.code], [0, 1, 0], ended.stderr);
  assertStringIncludes(pause.stdout, says("migrate"));
  assertStringIncludes(ended.stdout, says("migrate-kv"));
  assertEquals(at!.state, "paused");
  assertMatch(continued.stdout, /^clients +200 +200 /m);
});

Deno.test("a run that is cancelled from elsewhere ends its command", async () => {
  await using test = await setup({ clients: 200 });
  const first = invoke(test, ...SLOW);
  await hasBegun(test.sql);

  const cancel = await invoke(test, "cancel", "--run-id", "1", "--verbose");
  const ended = await first;
  const again = await invoke(test, "migrate", "--run-id", "1");

  assertEquals([cancel.code, ended.code, again.code], [0, 1, 1], ended.stderr);
  assertMatch(cancel.stdout, /^Run 1 is cancelled\. What it wrote stays\.\n$/m);
  assertMatch(cancel.stderr, /^next +nothing: the run is over$/m);
  assertMatch(ended.stdout, /^Run 1 is cancelled\. What it wrote stays\.\n$/m);
  assertMatch(again.stderr, /^error LF206: /);
});

Deno.test("a pause holds when the command is about to call again", async () => {
  await using test = await setup({ clients: 200 }, { LANDFALL_BUDGET_MS: "1" });
  const first = invoke(test, "migrate-kv", "--batch-size", "1");
  await hasBegun(test.sql);

  const pause = await invoke(test, "pause", "--run-id", "1");
  const ended = await first;

  assertEquals([pause.code, ended.code], [0, 1], ended.stderr);
  assertMatch(ended.stdout, /^Run 1 is paused\. /m);
});

Deno.test("pause and cancel exit with 2 and say what to do when they are used wrongly", async () => {
  await using test = await setup(null);
  const misuses: [args: string, code: string, says: string][] = [
    ["", "LF001", "--run-id must be a whole number of at least 1: it is missing"],
    ["7", "LF008", 'takes no argument "7"'],
    ["--run-id", "LF008", "--run-id needs a value"],
    ["--run-id all", "LF008", "--run-id needs a whole number"],
    ["--run-id 99", "LF201", "There is no run 99"],
  ];

  for (const name of ["pause", "cancel"]) {
    for (const [args, failure, says] of misuses) {
      const { code, stdout, stderr } = await invoke(test, name, ...args.split(" ").filter(Boolean));
      assertEquals([code, stdout], [2, ""], args);
      assertMatch(stderr, new RegExp(`^error ${failure}: `), args);
      assertStringIncludes(stderr, says);
    }
  }
});

Deno.test("status says of a paused run which command continues it", async () => {
  await using test = await setup({ clients: 200 }, { LANDFALL_BUDGET_MS: "1" });
  await test.call("migrate-kv", { batchSize: 10 });
  await test.call("pause", { runId: 1 });

  const { code, stdout } = await invoke(test, "status", "--run-id", "1");

  assertEquals(code, 0);
  assertMatch(stdout, /functions invoke migrate --run-id 1\n$/);
});

function invoke(test: Setup, ...args: string[]): Promise<Ended> {
  return runScript("invoke.ts", args, {
    SUPABASE_URL: test.api.url,
    SUPABASE_SECRET_KEY: test.api.keys.secretKey,
  });
}
