import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Setup, setup } from "../functions/setup.ts";
import { aPipeline } from "../support/builders.ts";
import { migrate } from "../support/migration.ts";
import { type Ended, runScript } from "./run_script.ts";

Deno.test("rejects go out, are corrected, come in again, and are taken again", async () => {
  await using test = await setup(null);
  await using files = await folder();
  await Deno.writeTextFile(files.path("store.ndjson"), storeOf({ good: 3, bad: 2 }));
  await run(test, "import.ts", "kv", files.path("store.ndjson"));
  const first = await run(test, "invoke.ts", "migrate-kv");

  const out = await run(test, "rejects.ts", "export", "--output", files.path("rejects.ndjson"));
  const exported = await Deno.readTextFile(files.path("rejects.ndjson"));
  await Deno.writeTextFile(
    files.path("corrected.ndjson"),
    exported.replaceAll('"nobody"', '"a@b.example"'),
  );
  const merged = await run(test, "import.ts", "kv", files.path("corrected.ndjson"), "--merge");
  const second = await run(test, "invoke.ts", "migrate-kv", "--retry-rejects");
  const after = await run(test, "rejects.ts", "export");

  assertEquals([first.code, out.code, merged.code, second.code, after.code], [3, 0, 0, 0, 0]);
  assertMatch(out.stderr, /^2 open rejects of pipeline kv, in .+rejects\.ndjson\.$/m);
  assertMatch(merged.stdout, /^5 keys in staging\.kv_store, from 2 records /);
  assertStringIncludes(merged.stdout, "Merged: 0 of the keys are new.");
  assertMatch(second.stdout, /^clients +2 +2 /m);
  assertEquals([after.stdout, after.stderr], ["", "No open rejects of pipeline kv.\n"]);
});

Deno.test("rejects export writes parents first, then by key, every reason and the legacy row", async () => {
  await using test = await setup({ clients: 1, badClients: 2 });
  await migrate(test.database.as("service_role"), "kv");

  const { stdout, stderr } = await run(test, "rejects.ts", "export");

  const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map(({ entity, key }) => `${entity} ${key.slice(0, 15)} ${key.at(-1)}`), [
    "clients client:00000001 2",
    "clients client:00000001 3",
    "sites site:00000002-0 2",
    "sites site:00000002-0 3",
  ]);
  assertEquals(Object.keys(lines[0]), ["entity", "key", "reasons", "value"]);
  assertEquals(lines[0].reasons, ["contact_email is no e-mail address"]);
  assertEquals(lines[0].value.contact_email, "nobody");
  assertEquals(stderr, "4 open rejects of pipeline kv.\n");
});

Deno.test("rejects export keeps every digit and leaves out secret fields", async () => {
  await using test = await setup(null);
  await aPipeline(test.sql, {
    entities: [{
      name: "items",
      secretFields: ["password"],
      many: {
        count: 2,
        row: `case n when 1 then '{"id":1,"n":12345678901234567890.10,"password":"p"}'::jsonb
              else '["p"]' end`,
      },
    }],
  });
  await migrate(test.database.as("service_role"), "shop");

  const { stdout } = await run(test, "rejects.ts", "export", "--pipeline", "shop");

  const [first, second] = stdout.split("\n");
  assertMatch(first!, /"key":"r0000001",.*"value":\{"n": 12345678901234567890\.10, "id": 1\}\}$/);
  assertMatch(second!, /"key":"r0000002",.*"value":null\}$/);
});

Deno.test("rejects export takes the open rejects of one run, or of one entity", async () => {
  await using test = await setup({ clients: 1, badClients: 3 });
  const engine = test.database.as("service_role");
  await migrate(engine, "kv");
  await migrate(engine, "kv", { limit: 2, tables: ["clients"] });

  const counts: Record<string, number> = {};
  for (
    const flags of ["", "--run-id 1", "--run-id 2", "--entity sites", "--run-id 2 --entity sites"]
  ) {
    const { code, stdout } = await run(test, "rejects.ts", "export", ...words(flags));
    assertEquals(code, 0, flags);
    counts[flags] = stdout.split("\n").length - 1;
  }

  assertEquals(counts, {
    "": 6,
    "--run-id 1": 5,
    "--run-id 2": 1,
    "--entity sites": 3,
    "--run-id 2 --entity sites": 0,
  });
});

Deno.test("rejects export writes an empty file when there is nothing to write", async () => {
  await using test = await setup(null);
  await using files = await folder();

  const { code, stderr } = await run(
    test,
    "rejects.ts",
    "export",
    "--output",
    files.path("none.ndjson"),
  );

  assertEquals([code, await Deno.readTextFile(files.path("none.ndjson"))], [0, ""]);
  assertMatch(stderr, /^No open rejects of pipeline kv, in /);
});

Deno.test("rejects export says what it cannot do, and leaves every file as it is", async () => {
  await using test = await setup({ clients: 1, badClients: 1 });
  await using files = await folder();
  await migrate(test.database.as("service_role"), "kv");
  const there = files.path("there.ndjson");
  await Deno.writeTextFile(there, "mine");
  const misuses: [args: string, code: string, says: string][] = [
    ["", "LF008", "Nothing to do"],
    ["exprt", "LF008", "Commands are export"],
    ["export all", "LF008", "Unknown argument all"],
    ["export --pipline kv", "LF008", "Unknown flag --pipline"],
    ["export --entity", "LF008", "--entity needs a value"],
    ["export --run-id x", "LF008", "--run-id needs a whole number"],
    [`export --output ${there}`, "LF008", "it is there already"],
    ["export --output /nowhere/x.ndjson", "LF008", "there is no such folder"],
    ["export --run-id 1 --pipeline shop", "LF001", "Run 1 is of pipeline kv"],
    [
      `export --pipeline nope --output ${files.path("new")}`,
      "LF101",
      "There are crm, hyperpage, jobs, kv, tracker.",
    ],
    [`export --run-id 9 --output ${files.path("new")}`, "LF201", "There is no run 9"],
    ["export --entity clinets", "LF204", "Its tables are clients"],
  ];

  for (const [args, failure, says] of misuses) {
    const { code, stdout, stderr } = await run(test, "rejects.ts", ...words(args));
    assertEquals([code, stdout], [2, ""], args);
    assertMatch(stderr, new RegExp(`^error ${failure}: `), args);
    assertStringIncludes(stderr, says);
  }
  const left = await Array.fromAsync(Deno.readDir(files.path("")));
  assertEquals(left.map(({ name }) => name), ["there.ndjson"]);
  assertEquals(await Deno.readTextFile(there), "mine");
});

Deno.test("rejects export says that the engine is not installed (LF009)", async () => {
  await using test = await setup(null);
  await test.sql`alter schema landfall rename to elsewhere`;

  const { code, stderr } = await run(test, "rejects.ts", "export");

  assertEquals(code, 1);
  assertMatch(stderr, /^error LF009: The engine is not installed/);
});

Deno.test("rejects export holds a few rows at a time, and ends with a reader who has enough", async () => {
  await using test = await setup(null);
  await aPipeline(test.sql, {
    entities: [{
      many: { count: 20_000, row: `jsonb_build_object('id', n, 'more', repeat('x', 5000) || n)` },
    }],
  });
  await migrate(test.database.as("service_role"), "shop");
  const script = new URL("../../scripts/rejects.ts", import.meta.url).pathname;
  const command = `"$0" run --quiet --no-check --allow-all --v8-flags=--max-old-space-size=60 ` +
    `${script} export --pipeline shop`;
  const sh = async (text: string) => {
    const { code, stdout, stderr } = await new Deno.Command("/bin/bash", {
      args: ["-o", "pipefail", "-c", text, Deno.execPath()],
      env: { SUPABASE_DB_URL: test.database.url },
    }).output();
    return {
      code,
      stdout: new TextDecoder().decode(stdout),
      stderr: new TextDecoder().decode(stderr),
    };
  };

  const all = await sh(`${command} | wc -lc`);
  const some = await sh(`${command} | head -n 1 | wc -l`);

  const [lines, bytes] = all.stdout.trim().split(/\s+/).map(Number);
  assertEquals([all.code, lines], [0, 20_000], all.stderr);
  assert(bytes! > 100_000_000);
  assertEquals([some.code, some.stdout.trim(), some.stderr], [0, "1", ""]);
});

interface Folder extends AsyncDisposable {
  path(name: string): string;
}

async function folder(): Promise<Folder> {
  const made = await Deno.makeTempDir();
  return {
    path: (name) => `${made}/${name}`,
    [Symbol.asyncDispose]: () => Deno.remove(made, { recursive: true }),
  };
}

/** A store's file; bad clients have no valid e-mail address. */
function storeOf({ good, bad }: { good: number; bad: number }): string {
  return Array.from({ length: good + bad }, (_, n) =>
    JSON.stringify({
      key: `client:00000000-0000-4000-8000-00000000000${n}`,
      value: { name: `Client ${n}`, contact_email: n < good ? "a@b.example" : "nobody" },
    })).join("\n");
}

function run(test: Setup, script: string, ...args: string[]): Promise<Ended> {
  return runScript(script, args, {
    SUPABASE_URL: test.api.url,
    SUPABASE_SECRET_KEY: test.api.keys.secretKey,
    SUPABASE_DB_URL: test.database.url,
  });
}

function words(text: string): string[] {
  return text.split(" ").filter(Boolean);
}
