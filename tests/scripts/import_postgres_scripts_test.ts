import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { openDump } from "../../scripts/import/postgres/dump/open_dump.ts";
import { pgRestore } from "../../scripts/import/postgres/dump/pg_restore.ts";
import { SqlReader } from "../../scripts/import/postgres/dump/sql_reader.ts";
import { statementKind } from "../../scripts/import/postgres/dump/statement_kind.ts";
import { sweepScratch } from "../../scripts/import/postgres/dump/sweep_scratch.ts";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { postgresSetup } from "./import_postgres.ts";
import { interruptScript } from "./run_script.ts";

const NEVER = new AbortController().signal;

/** Writes a file to a folder for the length of a test. */
async function temporary(): Promise<AsyncDisposable & { path(name: string): string }> {
  const folder = await Deno.makeTempDir();
  return {
    path: (name) => `${folder}/${name}`,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

Deno.test("sweepScratch() removes only folders of this user, and nothing that they name", async () => {
  await using folder = await temporary();
  const parent = folder.path("tmp");
  const [victim, own, linked] = ["victim", "tmp/landfall-scratch-own", "linked"].map(folder.path);
  for (const path of [parent, victim!, own!, linked!, `${linked}/data-17`]) await Deno.mkdir(path);
  const link = `${parent}/landfall-scratch-link`;
  await Deno.symlink(linked!, link);
  await Deno.writeTextFile(`${own}/lock`, "");
  await Deno.writeTextFile(`${own}/elsewhere`, `/var/lib/landfall/../../..${victim}`);
  await Deno.writeTextFile(`${linked}/lock`, "");
  const foreign = `${parent}/landfall-scratch-foreign`;
  const isRoot = Deno.uid() === 0;
  if (isRoot) {
    await Deno.mkdir("/var/lib/landfall", { recursive: true });
    await Deno.mkdir(foreign);
    await Deno.writeTextFile(`${foreign}/lock`, "");
    await Deno.chown(foreign, 65534, 65534);
  }

  await sweepScratch(parent, "");

  assertEquals(await exists(own!), false);
  assertEquals(await Promise.all([victim!, link, linked!].map(exists)), [true, true, true]);
  assertEquals(await exists(foreign), isRoot);
});

Deno.test("openDump() tells whose dump it is from long lines of comments at once", async () => {
  await using folder = await temporary();
  const path = folder.path("app.sql");
  const lines = `-- ${"-".repeat(60)}\n`.repeat(50);
  await Deno.writeTextFile(path, `${lines}select 1;\n-- MySQL dump\n`);

  const script = await openDump(path, NEVER);

  assertEquals(script.says, undefined);
  await script.bytes.return(undefined);
});

Deno.test("openDump() reads a .gz of several parts, a pipe, and what a mark of UTF-8 begins", async () => {
  await using folder = await temporary();
  const gzip = async (text: string) => {
    const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
    return await new Response(packed).bytes();
  };
  const [packed, pipe, empty] = ["app.sql.gz", "pipe", "empty.gz"].map(folder.path);
  const long = `${"-".repeat(100_000)}\n`;
  const parts = await Promise.all(["\ufeffselect 1;\n", long, "select 2;\n"].map(gzip));
  await Deno.writeFile(packed!, await new Response(new Blob(parts)).bytes());
  await Deno.writeFile(empty!, parts[1]!.slice(0, -9));
  await new Deno.Command("mkfifo", { args: [pipe!] }).output();
  const read = async (path: string) => {
    const { bytes } = await openDump(path, NEVER);
    return await new Response(ReadableStream.from(bytes)).text();
  };

  const whole = await read(packed!);
  const [piped] = await Promise.all([read(pipe!), Deno.writeTextFile(pipe!, "\ufeffselect 3;")]);
  const cut = await assertRejects(() => read(empty!), LandfallError);

  assertEquals(whole, `select 1;\n${long}select 2;\n`);
  assertEquals(piped, "select 3;");
  assertEquals(cut.code, "LF011");
});

Deno.test("openDump() holds no file open when the reading ends early", async () => {
  await using folder = await temporary();
  const path = folder.path("app.sql.gz");
  const text = `-- a dump\n${crypto.getRandomValues(new Uint8Array(60_000)).toHex()}\n`.repeat(50);
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  await Deno.writeFile(path, await new Response(packed).bytes());
  const opened = async () => {
    if (Deno.build.os !== "linux") return 0;
    const files = await Array.fromAsync(Deno.readDir("/proc/self/fd"));
    const links = files.map(({ name }) => Deno.readLink(`/proc/self/fd/${name}`).catch(() => ""));
    return (await Promise.all(links)).filter((link) => link === path).length;
  };

  const { bytes } = await openDump(path, NEVER);
  await bytes.return(undefined);
  for (let tries = 0; tries < 50 && await opened() > 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }

  assertEquals(await opened(), 0);
});

Deno.test("SqlReader reads a row of many megabytes in a time that grows as the row does", async () => {
  const piece = new TextEncoder().encode("x".repeat(64 * 1024));
  const pieces = async function* () {
    yield new TextEncoder().encode("copy a from stdin;\n\\.x");
    for (let count = 0; count < 800; count++) yield piece;
    yield new TextEncoder().encode("\nsecond\n\\");
    yield new TextEncoder().encode(".\nselect 1;");
  };
  const reader = new SqlReader(pieces());
  await reader.next();

  const start = performance.now();
  let length = 0;
  for await (const rows of reader.data()) length += rows.length;

  assertEquals(length, 3 + 800 * piece.length + "\nsecond\n".length);
  assert(performance.now() - start < 4_000);
  assertEquals((await reader.next())?.kind, "statement");
});

Deno.test("statementKind() takes SET NAMES for the encoding that it is", () => {
  assertEquals(statementKind("SET NAMES 'LATIN1';"), { kind: "encoding", encoding: "LATIN1" });
  assertEquals(statementKind("set names default;"), { kind: "encoding", encoding: "UTF8" });
});

Deno.test("pgRestore() may be interrupted when its process has ended", async () => {
  await using folder = await temporary();
  const program = folder.path("pg_restore");
  await Deno.writeTextFile(program, "#!/bin/sh\necho 'select 1;'\n");
  await Deno.chmod(program, 0o755);
  Deno.env.set("PG_RESTORE", program);
  const interruption = new AbortController();

  const bytes = pgRestore("app.dump", interruption.signal);
  const { value } = await bytes.next();
  await new Promise((resolve) => setTimeout(resolve, 300));
  interruption.abort();

  assertEquals(new TextDecoder().decode(value!), "select 1;\n");
  assertEquals((await bytes.next()).done, true);
  Deno.env.delete("PG_RESTORE");
});

Deno.test("import postgres refuses a view whose second step failed, also below a wanted one (LF011)", async () => {
  await using test = await postgresSetup();
  const dump = (body: string) =>
    test.file(
      "app.sql",
      `CREATE TABLE public.a (id int); CREATE VIEW public.inner_view AS SELECT NULL::int AS id;
       CREATE VIEW public.outer_view AS SELECT id FROM public.inner_view;
       INSERT INTO public.a VALUES (1);
       CREATE OR REPLACE VIEW public.unseen AS SELECT no_such FROM public.a;
       CREATE OR REPLACE VIEW public.inner_view AS SELECT ${body} FROM public.a;`,
    );

  const whole = await test.run(["--tables", "outer_view"], await dump("id"));
  const half = await test.run(["--tables", "outer_view"], await dump("no_such"));
  const table = await test.run(["--tables", "a"], await dump("no_such"));

  assertEquals([whole.code, half.code, table.code], [0, 2, 0], whole.stderr);
  assertEquals(await test.rows("shop_outer_view"), [["1"]]);
  assertMatch(half.stderr, /^error LF011: Table public\.inner_view of the dump cannot be made\n/);
  assertMatch(half.stderr, /column "no_such" does not exist/);
});

Deno.test("import postgres fills a view that a script makes after the rows it reads", async () => {
  await using test = await postgresSetup();
  const path = await test.file(
    "app.sql",
    `CREATE TABLE public.a (id int);\nCOPY public.a (id) FROM stdin;\n1\n2\n\\.
     CREATE VIEW public.late AS SELECT id FROM public.a;`,
  );

  const report = await test.report(["--tables", "late"], path);

  assertEquals(report.tables.late!.rows, 2);
});

Deno.test("import postgres can be interrupted while a pipe gives nothing", async () => {
  await using test = await postgresSetup();
  const pipe = `${test.folder}/pipe`;
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  let writer: Deno.FsFile | undefined;
  const isRead = async () => {
    writer ??= await Deno.open(pipe, { write: true });
    return true;
  };

  const env = { SUPABASE_DB_URL: test.target.url };
  const args = ["postgres", pipe, "--pipeline", "shop"];
  const { code, stderr } = await interruptScript("import.ts", args, env, isRead);

  writer?.close();
  assertEquals([code, stderr], [130, "Interrupted: nothing was changed.\n"]);
});
