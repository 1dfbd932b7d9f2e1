import { assertEquals } from "@std/assert";
import { commandLine } from "../../scripts/invoke/command_line.ts";
import { continuation } from "../../scripts/invoke/continuation.ts";
import { readFlags } from "../../scripts/invoke/read_flags.ts";
import type { FunctionName } from "../../supabase/functions/_shared/requests.ts";

const progress = { done: 1, total: 9 };

Deno.test("continuation() goes on with what is not over, by the same function", () => {
  const goingOn: [name: FunctionName, args: string, report: unknown, command: string][] = [
    ["migrate-kv", "--limit 5", { runId: 7, state: "running" }, "migrate-kv --run-id 7"],
    ["migrate", "--pipeline kv", { runId: 7, state: "planned" }, "migrate --run-id 7"],
    [
      "rollback",
      "--run-id 7 --confirm --tables a,b --force",
      { runId: 7, state: "rolling_back" },
      "rollback --run-id 7 --confirm --tables a,b --force",
    ],
    ["verify", "--run-id 7", {
      runId: 7,
      verificationId: 3,
      state: "running",
    }, "verify --verification-id 3"],
    [
      "resolve-users",
      "--pipeline jobs --require-sign-in=false",
      { state: "running" },
      "resolve-users --pipeline jobs --no-require-sign-in",
    ],
  ];

  for (const [name, args, report, command] of goingOn) {
    const next = continuation(readFlags(name, args.split(" ")), { ...report as object, progress });
    assertEquals(next?.command, `deno task supabase functions invoke ${command}`);
  }
});

Deno.test("continuation() ends with what is over, and with what only looks on", () => {
  const over: [name: FunctionName, args: string, report: unknown][] = [
    ["migrate-kv", "", { runId: 7, state: "completed" }],
    ["migrate-kv", "", { runId: 7, state: "paused" }],
    ["migrate-kv", "--dry-run", { runId: null, state: "running" }],
    ["migrate-kv", "--run-id 7 --unless-stopped", { runId: 7, state: "rolling_back" }],
    ["rollback", "--run-id 7", { runId: 7, state: "rolling_back" }],
    ["rollback", "--run-id 7 --confirm", { runId: 7, state: "rolled_back" }],
    ["rollback", "--run-id 7 --confirm --tables a", { runId: 7, state: "completed" }],
    ["verify", "--pipeline kv", { verificationId: 3, state: "different" }],
    ["resolve-users", "--require-sign-in", { state: "done" }],
    ["unlink-user", "--legacy-user-id 7", { state: "running" }],
    ["status", "--run-id 7", { runId: 7, state: "running" }],
    ["pause", "--run-id 7", { runId: 7, state: "running" }],
  ];

  for (const [name, args, report] of over) {
    const invocation = readFlags(name, args.split(" ").filter(Boolean));
    assertEquals(continuation(invocation, { ...report as object, progress }), undefined, name);
  }
  assertEquals(continuation(readFlags("status", []), { pipelines: [] }), undefined);
});

Deno.test("commandLine() writes what a shell and readFlags() read as the same request", async () => {
  const request = {
    pipeline: 'it\'s $HOME; `a` "b"',
    tables: ["a", "b"],
    limit: 5,
    ruleActions: { adult: "off", mail: "finding" },
    dryRun: true,
    skipValidation: false,
  };

  const words = commandLine("migrate", request).replace(/^.* migrate /, "");
  const shell = new Deno.Command("sh", { args: ["-c", `printf '%s\\0' ${words}`] });
  const args = new TextDecoder().decode((await shell.output()).stdout).split("\0").slice(0, -1);

  const { skipValidation: _no, ...expected } = request;
  assertEquals(readFlags("migrate", args).body, expected);
});
