import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { generateKv } from "../../scripts/generate/kv.ts";
import { exitOfFailure } from "../../scripts/invoke/exit_code.ts";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { namesOf, type StorePipeline, storePipeline } from "../support/store_pipeline.ts";
import { startApi } from "../support/stack.ts";
import { cli, copyMigrations } from "../support/supabase_project.ts";
import { runScript } from "./run_script.ts";

const ids = [1, 2, 3, 4, 5].map((n) => `00000000-0000-4000-8000-00000000000${n}`);

/** An app of people with notes, who sign in. */
const APP = {
  ...Object.fromEntries(ids.map((id, n) => [`user:${id}`, {
    id,
    email: `user${n}@example.com`,
    password: "hunter2",
    createdAt: `2024-05-0${n + 1}T10:00:00.000Z`,
  }])),
  ...Object.fromEntries(ids.map((id, n) => [`user:email:user${n}@example.com`, id])),
  ...Object.fromEntries(ids.map((id, n) => [`note:${id}:n_${1_700_000_000_000 + n}`, {
    id: `n_${1_700_000_000_000 + n}`,
    userId: id,
    text: `Note ${n}`,
    lines: [{ id: "a", done: true }, { id: "b", done: false }],
  }])),
  "users:all": ids,
  "initialized": true,
};

const generate = (store: StorePipeline, ...args: string[]) =>
  runScript("generate.ts", ["kv", ...args], { SUPABASE_DB_URL: store.database.url });

Deno.test("generate kv writes a migration, the same one each time, and says what comes next", async () => {
  await using store = await storePipeline();
  await store.make(APP);
  const output = `${store.folder}/shop.sql`;
  const flags = ["--file", store.file, "--name", "shop", "--output", output];

  const first = await generate(store, ...flags);
  const text = await Deno.readTextFile(output);
  const again = await generate(store, ...flags);
  const replaced = await generate(store, ...flags, "--replace");

  assertEquals([first.code, again.code, replaced.code], [0, 2, 0], first.stderr);
  assertEquals(await Deno.readTextFile(output), text);
  assertMatch(again.stderr, /^error LF013: Cannot generate shop: its migration is there\n/);
  assertMatch(first.stdout, /^store\.ndjson: 17 keys of 5 families\.\n/);
  assertMatch(
    first.stdout,
    /\nuser:email:<email> +5 +represented +users +finds user:<uuid> by email\n/,
  );
  assertMatch(first.stdout, /\ninitialized +1 +excluded +a marker of the old app's own\n/);
  assertStringIncludes(
    first.stdout,
    `\nNext:
  deno task supabase db push
  deno task import kv ${store.file} --pipeline shop
  deno task supabase functions invoke migrate --pipeline shop\n`,
  );
  assertStringIncludes(text, "  -- all 5 values are times with a zone\n  created_at timestamptz");
  assertStringIncludes(text, "foreign key (user_id) references public.users (id)");
  assertStringIncludes(text, "secret_fields => array['password']");
  assertEquals(text.includes("hunter2"), false, "a secret's value stands in the migration");
});

Deno.test("generate kv calls self-contained what is made of one record, and nothing else", async () => {
  await using store = await storePipeline();
  const records = ids.flatMap((id, n) => [
    [`user:${id}`, { id, email: `user${n}@example.com` }],
    [`note:n_${n}`, { userId: id, text: `${n}` }],
    [`note:n_${n}:mood`, n % 2 ? "good" : "bad"],
    [`tag:t_${n}`, { words: [{ id: "x", n }] }],
  ]);
  await store.make(Object.fromEntries(records));

  await store.move();

  const entities = await store.sql`
    select name, self_contained from landfall.entities where pipeline = 'app' order by name`;
  assertEquals(entities.map(({ name, self_contained }) => [name, self_contained]), [
    // with the mood of a record of its own
    ["notes", false],
    ["tag_words", false],
    ["tags", true],
    ["users", true],
  ]);
});

Deno.test("generate kv --report shows what becomes of every family, and leaves nothing behind", async () => {
  await using store = await storePipeline();
  await store.make(APP);
  const before = await namesOf(store.sql);

  const { code, stdout } = await generate(
    store,
    ...["--file", store.file, "--name", "shop", "--report", "--json"],
  );

  assertEquals(code, 0);
  const report = JSON.parse(stdout);
  assertEquals(
    report.families.map(({ family, keys, outcome, table }: Record<string, unknown>) => [
      family,
      keys,
      outcome,
      table,
    ]),
    [
      ["initialized", 1, "excluded", null],
      ["note:<uuid>:<id>", 5, "migrated", "notes"],
      ["user:<uuid>", 5, "migrated", "users"],
      ["user:email:<email>", 5, "represented", "users"],
      ["users:all", 1, "represented", "users"],
    ],
  );
  assertEquals(await namesOf(store.sql), before);
  const files = await Array.fromAsync(Deno.readDir(store.folder));
  assertEquals(files.map(({ name }) => name), ["store.ndjson"]);
});

Deno.test("a generated store goes the whole way from a table in public: db push, advisors, migrate, verify, rollback", async () => {
  await using store = await storePipeline();
  const { sql } = store;
  for (const id of ids) await sql`insert into auth.users (id) values (${id})`;
  await sql`create table public.kv_store_0a1b2c3d (key text not null primary key, value jsonb not null)`;
  await sql`
    insert into public.kv_store_0a1b2c3d
    select key, value from jsonb_each(${JSON.stringify(APP)}::text::jsonb) as records (key, value)`;
  await sql`alter table public.kv_store_0a1b2c3d enable row level security`;
  await sql`grant select on public.kv_store_0a1b2c3d to service_role`;
  const migrations = `${store.folder}/supabase/migrations`;
  await Deno.mkdir(migrations, { recursive: true });
  await copyMigrations(migrations);

  const generated = await generate(
    store,
    ...["--name", "shop", "--output", `${migrations}/20991231000000_pipeline_shop.sql`],
  );
  assertEquals(generated.code, 0, generated.stderr);
  assertMatch(generated.stdout, /\nNext:\n.*db push\n.*migrate --pipeline shop --dry-run\n/);
  await cli(["db", "push"], store.database.url, store.folder);
  await cli(["db", "advisors", "--fail-on", "warn"], store.database.url, store.folder);

  await using api = await startApi(store.database);
  const env = {
    SUPABASE_URL: api.url,
    SUPABASE_SECRET_KEY: api.keys.secretKey,
    SUPABASE_DB_URL: store.database.url,
  };
  const invoke = (...args: string[]) => runScript("invoke.ts", args, env);
  const rehearsed = await invoke("migrate", "--pipeline", "shop", "--dry-run");
  const migrated = await invoke("migrate", "--pipeline", "shop");
  const verified = await invoke("verify", "--pipeline", "shop");
  assertEquals([rehearsed.code, migrated.code, verified.code], [0, 0, 0], migrated.stdout);

  const account = await sql`
    select family, outcome, keys::int, rows::int from transform.shop_account`;
  assertEquals(account.map(({ family, keys, rows }) => [family, keys, rows]), [
    ["initialized", 1, 0],
    ["note:<uuid>:<id>", 5, 15],
    ["user:<uuid>", 5, 5],
    ["user:email:<email>", 5, 0],
    ["users:all", 1, 0],
  ]);
  const losses = await sql`
    select distinct path, why from transform.shop_losses where kind <> 'form' order by path`;
  assertEquals(losses.map(({ path, why }) => [path, why]), [
    ["", "a marker of the old app's own"],
    ["password", "a secret"],
  ]);
  const owned = await sql.begin(async (transaction) => {
    await transaction`set local role authenticated`;
    await transaction`
      select set_config('request.jwt.claims', ${JSON.stringify({ sub: ids[0] })}, true)`;
    return await transaction`select text from public.notes`;
  });
  assertEquals(owned.map(({ text }) => text), ["Note 0"]);

  const undone = await invoke("rollback", "--run-id", "1", "--confirm");
  assertEquals(undone.code, 0, undone.stderr);
  const [left] = await sql`select count(*)::int as rows from public.users`;
  assertEquals(left!.rows, 0);
});

Deno.test("generate kv does as the mapping says", async () => {
  await using store = await storePipeline();
  await store.make(APP);
  const mapping = `${store.folder}/mapping.json`;
  await Deno.writeTextFile(
    mapping,
    JSON.stringify({
      families: {
        "user:<uuid>": { name: "people" },
        "user:email:<email>": { skip: "nobody asks" },
      },
      tables: {
        people: { columns: { email: { name: "address", type: "varchar(80)", notNull: false } } },
        notes: { owner: "user_id", columns: { text: { skip: "empty words" } } },
      },
    }),
  );

  const { plan, run } = await store.move({ mapping });

  assertEquals(run.rejects, []);
  const [people, notes] = ["people", "notes"].map((name) =>
    plan.entities.find((entity) => entity.name === name)
  );
  assertEquals(people!.columns.map(({ name, type }) => `${name} ${type}`), [
    "id uuid",
    "created_at timestamptz",
    "address varchar(80)",
  ]);
  assertEquals(notes!.owner?.column, "user_id");
  assertEquals(notes!.columns.some(({ name }) => name === "text"), false);
  const account = await store.account();
  assertEquals(account.find(({ family }) => family === "user:email:<email>")!.outcome, "excluded");
});

Deno.test("no reject shows a secret, however deep in a document it stands, or encoded", async () => {
  await using store = await storePipeline();
  const secret = { password: "hunter2", keys: [{ id: "k", token: "hunter2" }] };
  await store.make(Object.fromEntries(ids.map((id, n) => [
    `user:${id}`,
    n === 0 ? { id, ...secret } : JSON.stringify({ id, born: `2001-02-0${n}`, ...secret }),
  ])));
  const { plan, run } = await store.move();
  assertEquals([run.rejects, plan.entities.map(({ name }) => name)], [[], ["users", "user_keys"]]);

  await store.sql`
    update staging.app_store
    set value = to_jsonb(replace(value #>> '{}', '2001-02-01', '2001-02-31'))`;
  const again = await store.migrate();

  assertEquals(again.rejects.map(({ entity }) => entity), ["users"]);
  const [kept] = await store.sql`
    select source_row::text as row from landfall.rejects where settled_by is null`;
  assertStringIncludes(kept!.row, "2001-02-31");
  assertEquals(kept!.row.includes("hunter2"), false, kept!.row);
});

Deno.test("generate kv refuses what makes no sense, and says what to do", async () => {
  await using store = await storePipeline();
  await store.make(APP);
  const write = async (name: string, content: string) => {
    await Deno.writeTextFile(`${store.folder}/${name}`, content);
    return `${store.folder}/${name}`;
  };
  const mapped = async (content: unknown) => [
    "--mapping",
    await write(`${crypto.randomUUID()}.json`, JSON.stringify(content)),
  ];
  const name = ["--name", "shop", "--report"];
  const whole = ["--file", store.file, ...name];
  const broken = await write("broken.ndjson", '{"key": "a", "value": 1}\n{"key": 2}\n');
  const empty = await write("empty.ndjson", "\n");
  const worthless = await write("otp.ndjson", '{"key": "otp:+49123456", "value": "123456"}\n');
  await store.sql`create table public.empty_store (key text primary key, value jsonb not null)`;
  const cases: [string[], RegExp][] = [
    [[], /LF008: --name names the pipeline/],
    [
      ["--table", "empty_store", ...name],
      /LF207: The store empty_store holds no records\n.*--table/,
    ],
    [["--name", "Shop"], /LF008: --name needs a name of lower case/],
    [["store.ndjson", ...name], /LF008: A file is named by --file/],
    [[...whole, "--table", "x"], /LF008: .*not from both/],
    [[...whole, "--schema", "auth"], /LF008: --schema auth is not for tables/],
    [[...whole, "--what"], /LF008: Unknown flag --what/],
    [["--file=", ...name], /LF008: --file needs a value/],
    [["--file", "/nowhere.ndjson", ...name], /LF011: /],
    [["--file", broken, ...name], /LF010: Line 2 of broken\.ndjson is malformed/],
    [["--file", empty, ...name], /LF011: .*it holds no records/],
    [["--file", worthless, ...name], /LF013: .*no table is left/],
    [name, /LF207: There is no store to read\n.*\n.*--table/],
    [["--table", "nope", ...name], /LF209: Cannot read nope as a store\n.*no such table/],
    [
      [...whole, ...await mapped({ families: { "x:<id>": {} } })],
      /LF013: .*no keys x:<id>\n.*user/,
    ],
    [[...whole, ...await mapped({ tables: { x: {} } })], /LF013: .*no table x\n.*notes/],
    [
      [...whole, ...await mapped({ tables: { notes: { columns: { x: {} } } } })],
      /LF013: .*notes has no column x\n.*user_id/,
    ],
    [
      [...whole, ...await mapped({ tables: { notes: { columns: { id: { skip: "x" } } } } })],
      /LF013: .*notes\.id is the key/,
    ],
    [
      [
        ...whole,
        ...await mapped({ tables: { notes: { columns: { text: { references: "x" } } } } }),
      ],
      /LF013: .*notes\.text cannot refer to x/,
    ],
    [
      [...whole, ...await mapped({ families: { "user:<uuid>": { role: "setting" } } })],
      /LF013: .*user:<uuid> is no setting/,
    ],
    [[...whole, ...await mapped({ tabels: {} })], /LF013: .*tabels/],
  ];
  Deno.env.set("SUPABASE_DB_URL", store.database.url);
  try {
    for (const [args, says] of cases) {
      const error = await assertRejects(() => generateKv(args), LandfallError);
      const { code, message, details, hint } = error;
      const said = [`${code}: ${message}`, details, hint].filter(Boolean);
      assertMatch(said.join("\n"), says);
      assertEquals(exitOfFailure(error), code === "LF010" ? 1 : 2, code);
    }
  } finally {
    Deno.env.delete("SUPABASE_DB_URL");
  }
});
