import { assertEquals, assertMatch } from "@std/assert";
import { openDump } from "../../scripts/import/postgres/dump/open_dump.ts";
import { pgRestore } from "../../scripts/import/postgres/dump/pg_restore.ts";
import { sweepScratch } from "../../scripts/import/postgres/dump/sweep_scratch.ts";
import { postgresSetup } from "./import_postgres.ts";

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
