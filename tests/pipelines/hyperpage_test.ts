import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { openSource } from "../../scripts/import/sqlite/open_source.ts";
import { importSource } from "../../scripts/import/sqlite/import_source.ts";
import { planFile } from "../../scripts/generate/sqlite/plan_file.ts";
import { writeMigration } from "../../scripts/generate/sqlite/write/write_migration.ts";
import { compareFile } from "../../scripts/verify/compare_file.ts";
import { showAgainst } from "../../scripts/verify/show_against.ts";
import { migrations } from "../rules/migrations.ts";
import { createDatabase } from "../support/database.ts";
import { dryRun, migrate, rollBack, verify } from "../support/migration.ts";
import { runScenarios } from "./scenarios.ts";
import { typesOf } from "../support/sqlite_types.ts";

const FIXTURES = new URL("../fixtures/hyperpage/", import.meta.url);
const TABLES = [
  "app_state",
  "job_history",
  "jobs",
  "oauth_tokens",
  "rate_limits",
  "tool_configs",
  "users",
];

/** The app's file, in a folder that goes with it. */
async function hyperpageFile(): Promise<
  AsyncDisposable & { path: string; change(sql: string): void }
> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/hyperpage.db`;
  const change = (sql: string) => {
    using made = new DatabaseSync(path);
    made.exec(sql);
  };
  change(await Deno.readTextFile(new URL("app.sql", FIXTURES)));
  return {
    path,
    change,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** An empty database into which the app's file is imported. */
async function setup() {
  await using starting = new AsyncDisposableStack();
  const database = starting.use(await createDatabase());
  const file = starting.use(await hyperpageFile());
  using source = await openSource(file.path);
  await importSource({ path: file.path, pipeline: "hyperpage" }, source, database.url);
  const running = starting.move();
  return {
    ...database,
    file,
    engine: database.as("service_role"),
    against: () =>
      compareFile({ path: file.path, pipeline: "hyperpage", samples: 5 }, () => {}, database.url),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

runScenarios({
  pipeline: "hyperpage",
  // ids of users are drawn anew in every database
  targets: TABLES.map((table) =>
    table === "users"
      ? "(select email, username, created_at from hyperpage.users)"
      : table === "oauth_tokens"
      ? "(select to_jsonb(tokens) - 'user_id' from hyperpage.oauth_tokens as tokens)"
      : `hyperpage.${table}`
  ),
  stage: async (sql) => {
    await using file = await hyperpageFile();
    using source = await openSource(file.path);
    const { host, port, user, pass, database } = sql.options as unknown as Record<string, string>;
    const url = `postgresql://${user}:${pass ?? ""}@${host}:${port}/${database}`;
    await importSource({ path: file.path, pipeline: "hyperpage" }, source, url);
  },
});

Deno.test("hyperpage: the migration is what generate sqlite writes of the app's file and mapping", async () => {
  await using file = await hyperpageFile();
  using source = await openSource(file.path);

  const plan = await planFile(source, {
    pipeline: "hyperpage",
    schema: "hyperpage",
    file: "hyperpage.db",
    tables: undefined,
    timestamps: true,
    json: true,
    snakeCase: true,
    mapping: new URL("mapping.json", FIXTURES).pathname,
  });

  const written = (await migrations()).find(({ name }) => name.endsWith("_pipeline_hyperpage.sql"));
  assertEquals(writeMigration(plan), written!.sql);
});

Deno.test("hyperpage: types, names and values are those of the new app", async () => {
  await using test = await setup();

  const run = await migrate(test.engine, "hyperpage");

  assertEquals(
    Object.fromEntries(
      run.entities.map(({ entity, inserted, rejected }) => [entity, [inserted, rejected]]),
    ),
    {
      app_state: [5, 0],
      job_history: [590, 0],
      jobs: [300, 0],
      oauth_tokens: [3, 1],
      rate_limits: [2, 0],
      tool_configs: [3, 0],
      users: [3, 1],
    },
  );
  assertEquals(await typesOf(test.sql, "hyperpage.tool_configs"), {
    key: "text",
    enabled: "boolean",
    config: "jsonb",
    refresh_interval: "bigint",
    notifications: "boolean",
    updated_at: "timestamp with time zone",
  });
  const state = await test.sql`select key, value::text from hyperpage.app_state order by key`;
  assertEquals(Object.fromEntries(state.map(({ key, value }) => [key, value])), {
    count: "7",
    greeting: '"Good morning"',
    layout: '{"columns": 3}',
    nothing: null,
    theme: '"dark"',
  });
  const limits = await test.sql`
    select key, trunc(extract(epoch from created_at))::int as created from hyperpage.rate_limits order by key`;
  assertEquals(limits.map(({ created }) => created), [1699990000, 1700000000]);
  const [job] = await test.sql`
    select payload ->> 'note' as note, to_json(completed_at) #>> '{}' as completed
    from hyperpage.jobs where id = 'job_00005'`;
  assertEquals(job, { note: 'Müller & Søn "1"', completed: "2023-07-22T04:31:42.345+00:00" });
});

Deno.test("hyperpage: tokens follow the new ids of their users, and the next id is past all there were", async () => {
  await using test = await setup();
  await migrate(test.engine, "hyperpage");

  const tokens = await test.sql`
    select tokens.id::int, users.email, tokens.provider, tokens.access_token
    from hyperpage.oauth_tokens as tokens join hyperpage.users on users.id = tokens.user_id
    order by tokens.id`;
  assertEquals([...tokens], [
    { id: 3, email: "ada@example.com", provider: "github", access_token: "SECRET-access-1" },
    { id: 7, email: "grace@example.com", provider: "google", access_token: "SECRET-access-2" },
    { id: 12, email: "linus@example.com", provider: "jira", access_token: "SECRET-access-4" },
  ]);
  const [next] = await test.sql`
    insert into hyperpage.oauth_tokens (user_id, provider, access_token, iv_access, created_at, updated_at)
    select id, 'new', 'a', 'b', now(), now() from hyperpage.users limit 1 returning id::int`;
  assertEquals(next!.id, 42);
  const rejects = await test.sql`
    select source_key, reasons from landfall.rejects order by source_key`;
  assertEquals(rejects.map(({ source_key, reasons }) => [source_key, reasons]), [
    ["9", ["user_id has no row in hyperpage.users"]],
    ["u3", ["email is missing", "the user has no e-mail address"]],
  ]);
});

Deno.test("hyperpage: verified against the file, changed, and rolled back to nothing", async () => {
  await using test = await setup();
  const { runId } = await migrate(test.engine, "hyperpage");

  const verified = await verify(test.engine, "hyperpage");
  const compared = await test.against();
  assertEquals(verified.differences, []);
  assertEquals(compared.entities.flatMap(({ differences }) => differences), []);
  assertEquals(
    compared.entities.map(({ entity, rows, same }) => [entity, rows - same]).filter(([, n]) => n),
    [["oauth_tokens", 1], ["users", 1]],
  );

  test.file.change(
    "drop trigger touch_users; update users set email = 'new@example.com' where id = 'u1'",
  );
  const changed = await test.against();
  assertEquals(
    changed.entities.flatMap(({ differences }) =>
      differences.map(({ kind, count }) => [kind, count])
    ),
    [["staged", 1]],
  );

  await rollBack(test.engine, runId!);
  for (const table of TABLES) {
    const [left] = await test.sql.unsafe(`select count(*)::int as rows from hyperpage.${table}`);
    assertEquals(left!.rows, 0, table);
  }
});

Deno.test("hyperpage: tokens are nowhere but where they belong: no report, reject or difference has them", async () => {
  await using test = await setup();
  const said: unknown[] = [await dryRun(test.engine, "hyperpage")];
  said.push(await migrate(test.engine, "hyperpage"));
  await test
    .sql`update hyperpage.oauth_tokens set access_token = 'SECRET-changed', scopes = 'other'`;
  said.push(await verify(test.engine, "hyperpage"));
  const compared = await test.against();
  said.push(compared, showAgainst(compared));

  assert(compared.entities.some(({ differences }) => differences.length > 0));
  assertEquals(JSON.stringify(said).includes("SECRET"), false);
  const tables = await test.sql`
    select oid::regclass::text as name from pg_class
    where relkind = 'r' and relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema')`;
  const holding = [];
  for (const { name } of tables) {
    const [found] = await test.sql.unsafe(
      `select count(*)::int as rows from ${name} as row_ where row_::text like '%SECRET%'`,
    );
    if (found!.rows > 0) holding.push(name);
  }
  assertEquals(holding.sort(), ["hyperpage.oauth_tokens", "staging.hyperpage_oauth_tokens"]);
});
