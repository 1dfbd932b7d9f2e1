import { assertEquals, assertMatch } from "@std/assert";
import { projectFolder } from "../../scripts/stack/local_folder.ts";
import { type PostgresSetup, postgresSetup } from "../scripts/import_postgres.ts";

const BIN = Deno.env.get("LANDFALL_POSTGRES_BIN") ?? "/usr/lib/postgresql/15/bin";

/** A source of two tables, a type and a view, and pg_restore where the import looks for it. */
async function setup(): Promise<PostgresSetup> {
  const test = await postgresSetup();
  Deno.env.set("PG_RESTORE", `${BIN}/pg_restore`);
  await test.source.unsafe(`
    create type mood as enum ('sad', 'glad');
    create table users (id int primary key, m mood, tags text[] default '{}',
      twice int generated always as (id * 2) stored);
    create table notes (id int, t text);
    create view moods as select id, m, count(*) as n from users group by id;
    insert into users (id, m, tags) values (1, 'sad', '{a,"b\\\\c"}'), (2, null, null);
    insert into notes select i, md5(i::text) from generate_series(1, 50000) as i;
    create materialized view kept as select id from users`);
  return test;
}

async function dump(test: PostgresSetup, name: string, ...flags: string[]): Promise<string> {
  const path = `${test.folder}/${name}`;
  const args = [...flags, `--file=${path}`, test.url];
  const { success, stderr } = await new Deno.Command(`${BIN}/pg_dump`, { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return path;
}

Deno.test("import postgres reads dumps in every format as it reads the database", async () => {
  await using test = await setup();
  const flags = ["--tables", "users,moods,kept"];
  await test.report(flags);
  const live = await Promise.all(["shop_users", "shop_moods", "shop_kept"].map(test.rows));
  assertEquals(live[0]![0], ["1", "sad", '{a,"b\\\\c"}', "2"]);

  for (const format of ["custom", "directory", "tar", "plain"]) {
    const path = await dump(test, format, `--format=${format}`);
    const report = await test.report(flags, path);
    assertEquals(report.source, format);
    assertEquals(await Promise.all(["shop_users", "shop_moods", "shop_kept"].map(test.rows)), live);
  }
  const clean = await dump(test, "clean.sql", "--clean", "--create", "--rows-per-insert=100");
  await test.report(["--tables", "users,notes"], clean);
  assertEquals(await test.rows("shop_users"), live[0]);
  assertEquals((await test.rows("shop_notes")).length, 50000);
});

Deno.test("import postgres takes no damaged dump for a whole one (LF011)", async () => {
  await using test = await setup();
  await test.target.sql`create table staging.shop_notes (id int, t text)`;
  await test.target.sql`insert into staging.shop_notes values (7)`;
  const path = await dump(test, "app.dump", "--format=custom");
  const bytes = await Deno.readFile(path);
  const newer = bytes.slice();
  newer[6]! = 99;
  const tar = await Deno.readFile(await dump(test, "app.tar", "--format=tar"));
  const damages: [bytes: Uint8Array, says: RegExp][] = [
    [bytes.slice(0, -2000), /The dump cannot be read: it is damaged or cut off\n/],
    [bytes.slice(0, 300), /The dump cannot be read: it is damaged or cut off\n/],
    [newer, /was written by a newer pg_dump than this pg_restore knows\n.*unsupported version/],
    [tar.slice(0, tar.length / 2), /^error LF011: Cannot read damaged: it was cut off\n/],
  ];

  for (const [damaged, says] of damages) {
    const { code, stderr } = await test.run([], await test.file("damaged", damaged));
    assertEquals(code, 2, stderr);
    assertMatch(stderr, says);
  }
  assertEquals(await test.rows("shop_notes"), [["7", null]]);
});

Deno.test("import postgres sees when rows of one table have swallowed another (LF011)", async () => {
  await using test = await setup();
  await test.source`create table big (t text)`;
  await test.source`insert into big values ('one'), ('two')`;
  await test.source`create table wanted (t text)`;
  await test.source`insert into wanted values ('three')`;
  const folder = await dump(test, "folder", "--format=directory", "--compress=0");
  for await (const { name } of Deno.readDir(folder)) {
    const text = await Deno.readTextFile(`${folder}/${name}`);
    if (text.startsWith("one\n")) await Deno.writeTextFile(`${folder}/${name}`, "one\n");
  }

  const { code, stderr } = await test.run(["--tables", "wanted"], folder);

  assertEquals(code, 2, stderr);
  assertMatch(stderr, /^error LF011: The dump cannot be read: it is damaged\n/);
});

Deno.test("import postgres leaves no server behind when it is killed, and sweeps its folder", async () => {
  await using test = await setup();
  const path = await dump(test, "app.dump", "--format=custom");
  const parent = await Deno.makeTempDir();
  await Deno.chmod(parent, 0o777);
  const env = { TMPDIR: parent, SUPABASE_DB_URL: test.target.url };
  const fifo = `${test.folder}/fifo`;
  await new Deno.Command("mkfifo", { args: [fifo] }).output();
  // a pg_restore that does not end keeps the import where it has a scratch database
  const slow = await test.file(
    "pg_restore",
    `#!/bin/sh\necho 'create table a (id int);'; exec cat ${fifo}`,
  );
  await Deno.chmod(slow, 0o755);
  const script = `${projectFolder}scripts/import.ts`;
  const args = ["run", "--quiet", "--no-check", "--allow-all", script, "postgres", path];
  const start = (restore: string) =>
    new Deno.Command(Deno.execPath(), {
      args: [...args, "--pipeline", "shop"],
      env: { ...env, PG_RESTORE: restore },
      stdout: "null",
      stderr: "null",
    }).spawn();
  const servers = async () => {
    const { stdout } = await new Deno.Command("pgrep", { args: ["-f", `${parent}/.*data-`] })
      .output();
    return stdout.length > 0;
  };
  const until = async (isSo: () => Promise<boolean>) => {
    while (!await isSo()) await new Promise((resolve) => setTimeout(resolve, 50));
  };

  const isReady = async () => {
    const folders = await Array.fromAsync(Deno.readDir(parent));
    const [folder] = folders.filter(({ name }) => name.startsWith("landfall-scratch-"));
    if (!folder || !await servers()) return false;
    const log = await Deno.readTextFile(`${parent}/${folder.name}/postgres.log`).catch(() => "");
    return log.includes("ready to accept connections");
  };

  for (const [signal, exit] of [["SIGHUP", 129], ["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const ended = start(slow);
    await until(isReady);
    ended.kill(signal);
    assertEquals((await ended.status).code, exit);
    assertEquals(await Array.fromAsync(Deno.readDir(parent)), []);
  }
  const killed = start(slow);
  await until(isReady);
  killed.kill("SIGKILL");
  await killed.status;
  await until(async () => !await servers());
  const left = await Array.fromAsync(Deno.readDir(parent));
  const { code } = await start(`${BIN}/pg_restore`).status;

  assertEquals(left.length, 1);
  assertEquals(code, 0);
  assertEquals(await Array.fromAsync(Deno.readDir(parent)), []);
  assertEquals((await test.rows("shop_users")).length, 2);
  await Deno.remove(parent, { recursive: true });
});
