import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { type Ended, runScript } from "./run_script.ts";

Deno.test("import kv loads a file, and the last of records with one key wins", async () => {
  await using test = await setup();

  const { code, stdout } = await test.importKv(lines(
    { key: "a", value: { n: 1 } },
    { key: "b", value: "text" },
    { key: "a", value: [1, 2] },
    { key: "c", value: null },
  ));

  assertEquals(code, 0);
  assertMatch(stdout, /^3 keys in staging\.kv_store, from 4 records /);
  assertStringIncludes(stdout, "Duplicates of a key: 1,");
  assertEquals(await test.store(), { a: "[1, 2]", b: '"text"', c: "null" });
});

Deno.test("import kv replaces what the store held", async () => {
  await using test = await setup();
  await test.importKv(lines({ key: "old", value: 1 }));

  await test.importKv(lines({ key: "new", value: 2 }));

  assertEquals(await test.store(), { new: "2" });
});

Deno.test("import kv keeps every digit of a number", async () => {
  await using test = await setup();

  await test.importKv('{"key":"n","value":[12345678901234567890.123456789012345678, 1e3]}');

  assertEquals(await test.store(), { n: "[12345678901234567890.123456789012345678, 1000]" });
});

Deno.test("import kv takes out what Postgres cannot store, and says so", async () => {
  await using test = await setup();

  const { stdout } = await test.importKv([
    String.raw`{"key":"nul\u0000s","value":"a\u0000b\u0000"}`,
    String.raw`{"key":"half","value":"\ud83d!"}`,
    String.raw`{"key":"whole","value":"\ud83d\ude00 \\u0000"}`,
  ].join("\n"));

  assertMatch(stdout, /3 NUL characters taken out, 1 broken characters replaced, .* lines 1, 2\./);
  assertEquals(await test.store(), {
    half: '"\ufffd!"',
    nuls: '"ab"',
    whole: String.raw`"😀 \\u0000"`,
  });
});

Deno.test("import kv names a malformed line and loads nothing (LF010)", async () => {
  await using test = await setup();
  await test.importKv(lines({ key: "before", value: 1 }));
  const faults: [line: string, says: string][] = [
    ['{"key":"b","value"', "it is not JSON"],
    ['[{"key":"b","value":1}]', "it is a JSON array"],
    ["7", "it is not a JSON object"],
    ['{"value":1}', "it has no key"],
    ['{"key":"b"}', "it has no value"],
    ['{"key":7,"value":1}', "its key is not a string"],
    ['{"key":"b","value":1,"at":2}', 'it has a member "at"'],
    ['{"key":"b","value":1e999999}', "value overflows numeric format"],
    [`{"key":"b","value":${"[".repeat(50_000)}${"]".repeat(50_000)}}`, "stack depth limit"],
    [`{"key":"${noise(9_000)}","value":1}`, "index row"],
  ];

  for (const [line, says] of faults) {
    const file = `${lines({ key: "a", value: 1 })}\n\n${line}\n${lines({ key: "c", value: 1 })}`;
    const { code, stderr } = await test.importKv(file);
    assertEquals(code, 1, stderr);
    assertMatch(stderr, /^error LF010: Line 3 /, line.slice(0, 50));
    assertStringIncludes(stderr, says);
  }
  assertEquals(await test.store(), { before: "1" });
});

Deno.test("import kv names a line that is not UTF-8 (LF010)", async () => {
  await using test = await setup();

  const { stderr } = await test.importKv(
    new Uint8Array([...new TextEncoder().encode('{"key":"a","value":1}\n"'), 0xff]),
  );

  assertMatch(stderr, /^error LF010: Line 2 of store\.ndjson is not UTF-8\n/);
});

Deno.test("import kv reads packed files, a byte order mark and lines that end in CR LF", async () => {
  await using test = await setup();
  const text = '\ufeff{"key":"a","value":1}\r\n\r\n{"key":"b","value":2}\r\n';
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());

  const { code, stderr } = await test.importKv(bytes, { name: "store.ndjson.gz" });

  assertEquals(code, 0, stderr);
  assertEquals(await test.store(), { a: "1", b: "2" });
});

Deno.test("import kv loads lines that are longer than what is read at once", async () => {
  await using test = await setup();
  const long = "x".repeat(3_000_000);

  await test.importKv(lines({ key: "a", value: long }, { key: "b", value: 1 }));

  assertEquals(await test.store(), { a: JSON.stringify(long), b: "1" });
});

Deno.test("import kv puts lines over what the store holds with --merge", async () => {
  await using test = await setup();
  await test.importKv(lines({ key: "a", value: { n: 1 } }, { key: "b", value: 1 }));

  const { code, stdout } = await test.importKv(
    '{"entity":"items","key":"a","reasons":["n is wrong"],"value":{"n":2}}\n{"key":"c","value":3}',
    { flags: ["--merge"] },
  );

  assertEquals(code, 0);
  assertMatch(stdout, /^3 keys in staging\.kv_store, from 2 records /);
  assertStringIncludes(stdout, "Merged: 1 of the keys are new.");
  assertEquals(await test.store(), { a: '{"n": 2}', b: "1", c: "3" });
});

Deno.test("import kv --merge leaves the secret fields that an export lacks", async () => {
  await using test = await setup();
  await test.importKv(lines({ key: "a", value: { n: 1, password: "p" } }));
  await test.database.sql`
    update landfall.entities set secret_fields = '{password}' where name = 'clients'`;

  await test.importKv(lines({ key: "a", value: { n: 2 } }), { flags: ["--merge"] });

  assertEquals(await test.store(), { a: '{"n": 2, "password": "p"}' });
});

Deno.test("import kv names a line that does not fit what is done with it (LF010)", async () => {
  await using test = await setup();
  await test.importKv(lines({ key: "a", value: 1 }));
  const exported = { entity: "clients", key: "a", reasons: ["no name"], value: {} };
  const faults: [line: unknown, flags: string[], says: string][] = [
    [exported, [], "rejects are imported with --merge"],
    [{ ...exported, value: null }, ["--merge"], "its value is null"],
    [{ ...exported, at: 1 }, ["--merge"], 'it has a member "at"'],
  ];

  for (const [line, flags, says] of faults) {
    const { code, stderr } = await test.importKv(JSON.stringify(line), { flags });
    assertEquals(code, 1, stderr);
    assertMatch(stderr, /^error LF010: Line 1 /);
    assertStringIncludes(stderr, says);
  }
  assertEquals(await test.store(), { a: "1" });
});

Deno.test("import kv --merge leaves a store in public to its owner (LF011)", async () => {
  await using test = await setup();
  const { sql } = test.database;
  await sql`create table kv_store_1a2b3c4d (key text primary key, value jsonb not null)`;
  await sql`select landfall.bind_source('kv')`;
  const file = lines({ key: "a", value: 1 });

  const { code, stderr } = await test.importKv(file, { flags: ["--merge"] });
  await test.importKv(file);
  const filled = await test.importKv(file, { flags: ["--merge"] });

  assertEquals([code, filled.code], [2, 0]);
  assertMatch(stderr, /^error LF011: Cannot merge .* reads public\.kv_store_1a2b3c4d\n/);
  assertStringIncludes(stderr, "Correct the records in public.kv_store_1a2b3c4d");
  assertStringIncludes(stderr, "--retry-rejects");
});

Deno.test("import kv waits for others who use the store, and not for ever (LF202)", async () => {
  await using test = await setup();
  const file = lines({ key: "a", value: 1 });
  await test.importKv(file);

  await test.database.sql.begin(async (other) => {
    await other`lock table staging.kv_store in row exclusive mode`;
    for (const flags of [[], ["--merge"]]) {
      const { code, stderr } = await test.importKv(file, { flags });
      assertEquals(code, 2);
      assertMatch(stderr, /^error LF202: A run or another import is using staging\.kv_store\n/);
    }
  });
});

Deno.test("import kv prints its counts with --json", async () => {
  await using test = await setup();

  const { stdout } = await test.importKv(lines({ key: "a", value: 1 }, { key: "a", value: 2 }), {
    flags: ["--json"],
  });

  const { durationMs: _durationMs, ...counts } = JSON.parse(stdout);
  assertEquals(counts, {
    pipeline: "kv",
    table: "staging.kv_store",
    keys: 1,
    duplicates: 1,
    records: 2,
    blankLines: 0,
    nulsRemoved: 0,
    halvesReplaced: 0,
    cleanedLines: [],
  });
});

Deno.test("import kv says what it cannot import, and leaves the store alone", async () => {
  await using test = await setup();
  const file = lines({ key: "a", value: 1 });
  await test.importKv(file);

  const refusals: [refused: () => Promise<Ended>, says: string][] = [
    [() => test.importKv("\n\n"), "error LF011: Cannot import "],
    [() => test.importKv("no gzip", { name: "store.gz" }), "it is not gzip"],
    [() => test.run(["kv", "/nowhere/store.ndjson"]), "there is no such file"],
    [() => test.run(["kv", "/tmp"]), "it is a directory"],
    [() => test.run(["kv"]), "error LF008: No file to import"],
    [() => test.run(["csv", "x"]), "Kinds of sources are kv, postgres, sqlite"],
    [() => test.importKv(file, { flags: ["--pipline", "kv"] }), "Unknown flag --pipline"],
    [() => test.importKv(file, { flags: ["--pipeline", "nope"] }), "Pipelines with a store: kv"],
  ];

  for (const [refused, says] of refusals) {
    const { code, stderr } = await refused();
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, says);
  }
  assertEquals(await test.store(), { a: "1" });
});

Deno.test("import kv never shows the database's password", async () => {
  await using test = await setup();
  const file = lines({ key: "a", value: 1 });
  const url = new URL(test.database.url);
  url.password = "wrong-password";

  const refused = await test.importKv(file, { url: url.href });
  url.port = "9";
  const nobody = await test.importKv(file, { url: url.href });

  assertMatch(refused.stderr, /^error LF006: /);
  assertMatch(nobody.stderr, /^error LF005: The database cannot be reached\n/);
  assertEquals((refused.stderr + nobody.stderr).includes("wrong-password"), false);
});

interface Import {
  readonly name?: string;
  readonly flags?: string[];
  readonly url?: string;
}

interface Setup extends AsyncDisposable {
  readonly database: TestDatabase;
  /** Imports a file of this content. */
  importKv(content: string | Uint8Array, options?: Import): Promise<Ended>;
  /** Runs the command with other arguments. */
  run(args: string[], url?: string): Promise<Ended>;
  /** The store's values as Postgres writes them, by key. */
  store(): Promise<Record<string, string>>;
}

async function setup(): Promise<Setup> {
  const database = await createDatabase();
  const folders: string[] = [];
  const run = (args: string[], url = database.url) =>
    runScript("import.ts", args, { SUPABASE_DB_URL: url });
  return {
    database,
    run,
    importKv: async (content, { name = "store.ndjson", flags = [], url } = {}) => {
      const folder = await Deno.makeTempDir();
      folders.push(folder);
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      await Deno.writeFile(`${folder}/${name}`, bytes);
      return await run(["kv", `${folder}/${name}`, ...flags], url);
    },
    store: async () => {
      const rows = await database.sql`select key, value::text from staging.kv_store order by key`;
      return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(folders.map((folder) => Deno.remove(folder, { recursive: true })));
      await database[Symbol.asyncDispose]();
    },
  };
}

function lines(...records: { key: string; value: unknown }[]): string {
  return records.map((record) => JSON.stringify(record)).join("\n");
}

/** Letters that do not compress. */
function noise(length: number): string {
  return crypto.getRandomValues(new Uint8Array(length)).toBase64().slice(0, length);
}
