import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { generateSqlite } from "../../scripts/generate/sqlite.ts";
import { exitOfFailure } from "../../scripts/invoke/exit_code.ts";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { sqlitePipeline } from "../support/sqlite_pipeline.ts";
import { cli, copyMigrations } from "../support/supabase_project.ts";
import { startApi } from "../support/stack.ts";
import { runScript } from "./run_script.ts";

const APP = `
  create table users (
    id integer primary key autoincrement, email text not null collate nocase unique,
    admin boolean default false, password text, "createdAt" integer not null
  );
  create table posts (
    id text primary key, author integer not null references users on delete cascade,
    body text check (length(body) < 100), tags json
  );
  create view names as select email from users;
  create trigger touch after update on users begin select 1; end;
  insert into users values (1, 'a@b.example', 1, 'pw', 1700000000000), (2, 'c@d.example', 0, 'pw', 1700000001000);
  insert into posts values ('p1', 1, 'Hello', '["x"]'), ('p2', 2, 'World', null);
`;

const generate = (...args: string[]) => runScript("generate.ts", ["sqlite", ...args], {});

Deno.test("generate sqlite writes a migration, the same one each time, and says what comes next", async () => {
  await using test = await sqlitePipeline();
  test.make(APP);
  const output = `${test.folder}/shop.sql`;
  const flags = [test.file, "--name", "shop", "--snake-case", "--output", output];

  const first = await generate(...flags);
  const text = await Deno.readTextFile(output);
  const again = await generate(...flags);
  const replaced = await generate(...flags, "--replace");

  assertEquals([first.code, again.code, replaced.code], [0, 2, 0]);
  assertEquals(await Deno.readTextFile(output), text);
  assertMatch(again.stderr, /^error LF013: Cannot generate shop: its migration is there\n/);
  assertMatch(first.stdout, /^Written: .*shop\.sql\. Read it before you apply it\.\n/);
  assertMatch(first.stdout, /\nview +names +a view is written anew/);
  assertStringIncludes(
    first.stdout,
    "  deno task supabase functions invoke migrate --pipeline shop\n",
  );
  assertStringIncludes(
    text,
    "  -- all 2 values are epoch milliseconds of 2023\n  created_at timestamptz not null,\n",
  );
  assertStringIncludes(text, "--   CREATE VIEW names as select email from users\n");
  assertStringIncludes(text, "secret_fields => array['password']");
});

Deno.test("generate sqlite --report shows the census and every verdict, and writes nothing", async () => {
  await using test = await sqlitePipeline();
  test.make(
    `${APP} insert into posts values ('p3', 99, 'orphan', '{'), (null, 1, 'no key', '[]');`,
  );

  const shown = await generate(test.file, "--name", "shop", "--report");
  const { code, stdout } = await generate(test.file, "--name", "shop", "--report", "--json");

  assertEquals([shown.code, code], [0, 0]);
  assertMatch(shown.stdout, /^app\.db: 2 tables, 6 rows\.\n/);
  assertMatch(shown.stdout, /\nFault: 1 row with NULL in the primary key: rejected\.\n/);
  assertMatch(shown.stdout, /\nFault: 1 row whose author names no row of users\.\n/);
  const report = JSON.parse(stdout);
  assertEquals(report.tables[0].columns.at(-1), {
    column: "tags",
    declared: "json",
    nulls: 1,
    values: { texts: 3 },
    range: "at most 5 characters",
    candidates: [],
    target: "tags",
    type: "text",
    evidence: ["declared json, but too few values are that"],
    misfits: 0,
  });
  assertEquals(
    report.verdicts.map(({ kind, name, verdict }: Record<string, string>) => [kind, name, verdict]),
    [
      ["primary key", "id", "kept"],
      ["not null", "author", "kept"],
      ["check", "length(body) < 100", "translated"],
      ["foreign key", "author", "kept"],
      ["primary key", "id", "kept"],
      ["not null", "email", "kept"],
      ["collation", "email", "left out"],
      ["not null", "createdAt", "kept"],
      ["default", "admin", "translated"],
      ["unique", "email", "translated"],
      ["trigger", "touch", "left out"],
      ["view", "names", "left out"],
    ],
  );
  const columns = report.tables[1].columns as { column: string; range: string }[];
  assertEquals(columns.find(({ column }) => column === "password")!.range, "withheld");
  const files = await Array.fromAsync(Deno.readDir(test.folder));
  assertEquals(files.map(({ name }) => name), ["app.db"]);
});

Deno.test("generate sqlite refuses what makes no sense, and says what to do", async () => {
  await using test = await sqlitePipeline();
  test.make(APP);
  await Deno.writeTextFile(
    `${test.folder}/text.db`,
    "no database, but long enough to be read as one",
  );
  const mapping = async (content: string) => {
    const path = `${test.folder}/${crypto.randomUUID()}.json`;
    await Deno.writeTextFile(path, content);
    return ["--mapping", path];
  };
  const name = ["--name", "shop", "--report"];
  const whole = [test.file, ...name];
  const cases: [string[], RegExp][] = [
    [[], /LF008: No file to read\n.*Usage: deno task generate sqlite/],
    [[test.file], /LF008: --name names the pipeline/],
    [[test.file, "--name", "Shop"], /LF008: --name needs a name of lower case/],
    [[test.file, ...name, "--schema", "staging"], /LF008: --schema staging is not for tables/],
    [[test.file, ...name, "--schema", "pg_app"], /LF008: --schema pg_app is not for tables/],
    [
      [test.file, "--name", "shop", "--output", "/nowhere/shop.sql"],
      /LF013: Cannot write to .*: its folder is not there/,
    ],
    [[test.file, "--name", "kv", "--replace"], /LF013: .*a person has written its migration/],
    [
      [...whole, ...await mapping('{"tables": {"users": {"columns": {"id": {"skip": "x"}}}}}')],
      /LF013: Cannot generate table users: it has no primary key/,
    ],
    [
      [...whole, ...await mapping('{"tables": {"users": {"add": {"lf_x": {"type": "int"}}}}}')],
      /LF013: Cannot add column lf_x to users: the name is taken/,
    ],
    [
      [
        ...whole,
        ...await mapping('{"tables": {"users": {"add": {"x": {"type": "int", "notNull": true}}}}}'),
      ],
      /LF013: Cannot add column x to users: it may not be NULL/,
    ],
    [
      [
        ...whole,
        ...await mapping('{"tables": {"users": {"columns": {"email": {"expression": "{mail}"}}}}}'),
      ],
      /LF013: .*the expression of users.email names {mail}/,
    ],
    [
      [
        ...whole,
        ...await mapping(
          '{"tables": {"users": {"columns": {"email": {"skip": "x", "type": "y"}}}}}',
        ),
      ],
      /LF013: .*users.email has skip and type/,
    ],
    [[test.file, ...name, "--what"], /LF008: Unknown flag --what/],
    [[test.file, ...name, "--tables", "nope"], /LF008: .* has no table nope\n.*users/],
    [[test.file, ...name, "--tables", "names"], /LF008: names of .* is a view/],
    [["/nowhere.db", ...name], /LF011: .*there is no such file/],
    [[`${test.folder}/text.db`, ...name], /LF011: .*it is no SQLite database/],
    [[test.file, ...name, "--mapping", "/nowhere"], /LF013: .*there is no such file/],
    [[test.file, ...name, ...await mapping("{")], /LF013: .*it is no JSON/],
    [
      [test.file, ...name, ...await mapping('{"tables": {"x": {}}}')],
      /LF013: .*no table x\n.*users/,
    ],
    [
      [test.file, ...name, ...await mapping('{"tables": {"users": {"columns": {"y": {}}}}}')],
      /LF013: .*users has no column y\n.*email/,
    ],
    [
      [test.file, ...name, ...await mapping('{"tables": {"users": {"colums": {}}}}')],
      /LF013: .*tables\.users: .*colums/,
    ],
  ];
  for (const [args, says] of cases) {
    const error = await assertRejects(() => generateSqlite(args), LandfallError);
    const { code, message, details, hint } = error;
    const said = [`${code}: ${message}`, details, hint].filter(Boolean);
    assertMatch(said.join("\n"), says);
    assertEquals(exitOfFailure(error), 2, code);
  }
});

Deno.test("a generated migration goes the whole way: db push, import, migrate, verify --against, rollback", async () => {
  await using test = await sqlitePipeline();
  test.make(APP);
  const migrations = `${test.folder}/supabase/migrations`;
  await Deno.mkdir(migrations, { recursive: true });
  await copyMigrations(migrations);
  const generated = await generate(
    ...[
      test.file,
      "--name",
      "shop",
      "--schema",
      "shop",
      "--output",
      `${migrations}/20991231000000_pipeline_shop.sql`,
    ],
  );
  assertEquals(generated.code, 0, generated.stderr);
  await cli(["db", "push"], test.database.url, test.folder);
  await cli(["db", "advisors", "--fail-on", "warn"], test.database.url, test.folder);

  await using api = await startApi(test.database);
  const env = {
    SUPABASE_URL: api.url,
    SUPABASE_SECRET_KEY: api.keys.secretKey,
    SUPABASE_DB_URL: test.database.url,
  };
  const invoke = (...args: string[]) => runScript("invoke.ts", args, env);
  const verify = (...flags: string[]) =>
    invoke("verify", "--pipeline", "shop", "--against", test.file, ...flags);

  const imported = await runScript("import.ts", ["sqlite", test.file, "--pipeline", "shop"], env);
  const migrated = await invoke("migrate", "--pipeline", "shop");
  const same = await verify();
  const asJson = await verify("--json");
  assertEquals([imported.code, migrated.code, same.code, asJson.code], [0, 0, 0, 0], same.stderr);
  assertMatch(same.stdout, /\nThe same: 4 rows of the file, value by value, in .+\.\n$/);
  assertEquals(JSON.parse(asJson.stdout).against.entities.length, 2);

  test.make("insert into posts values (null, 1, 'rejected', null)");
  await runScript("import.ts", ["sqlite", test.file, "--pipeline", "shop"], env);
  const rejecting = await invoke("migrate", "--pipeline", "shop");
  const explained = await verify();
  assertEquals([rejecting.code, explained.code], [3, 3], explained.stderr);
  assertMatch(explained.stdout, /\nExplained: 4 of 5 rows are what the file says; /);

  test.make(
    "update users set \"createdAt\" = 1 where id = 2; update posts set body = 'Bye' where id = 'p1'",
  );
  const different = await verify();
  assertEquals(different.code, 4);
  assertMatch(different.stdout, /\nposts +p1 +body +Bye +Hello\n/);
  assertMatch(
    different.stdout,
    /\nusers +2 +createdAt +a value that does not convert +1700000001\.000000\n/,
  );

  const undone = await invoke("rollback", "--run-id", "2", "--confirm");
  const all = await invoke("rollback", "--run-id", "1", "--confirm");
  assertEquals([undone.code, all.code], [0, 0], all.stderr);
  const [left] = await test.sql`
    select (select count(*) from shop.users)::int + (select count(*) from shop.posts)::int as rows`;
  assertEquals(left!.rows, 0);
});

Deno.test("verify --against refuses what it cannot compare (LF014), and flags that make no sense", async () => {
  await using test = await sqlitePipeline();
  test.make(APP);
  const env = {
    SUPABASE_DB_URL: test.database.url,
    SUPABASE_URL: "http://127.0.0.1:9",
    SUPABASE_SECRET_KEY: "x",
  };
  const verify = (...flags: string[]) => runScript("invoke.ts", ["verify", ...flags], env);

  const [jobs, run, none, other, missing] = await Promise.all([
    verify("--pipeline", "jobs", "--against", test.file),
    verify("--run-id", "1", "--against", test.file),
    verify("--pipeline", "jobs", "--against"),
    runScript("invoke.ts", ["status", "--against", test.file], env),
    verify("--pipeline", "hyperpage", "--against", test.file),
  ]);

  assertMatch(jobs!.stderr, /^error LF014: Cannot compare jobs with a file: nothing says /);
  assertMatch(run!.stderr, /^error LF008: A file is compared with a pipeline, not with a run\n/);
  assertMatch(none!.stderr, /^error LF008: --against needs a file\n/);
  assertMatch(other!.stderr, /^error LF008: Function status has no flag --against\n/);
  assertMatch(missing!.stderr, /^error LF014: Cannot compare app_state: .* has no such table\n/);
  assertEquals([jobs, run, none, other, missing].map((ended) => ended!.code), [2, 2, 2, 2, 2]);
  assert(jobs!.stderr.includes("define_file_table"));
});
