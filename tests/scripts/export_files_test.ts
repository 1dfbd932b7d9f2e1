import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { temporaryFolder } from "../../scripts/stack/temporary_folder.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { aLibrary } from "../support/library.ts";
import { smallDisk } from "../support/small_disk.ts";
import { type Ended, interruptScript, runScript } from "./run_script.ts";

/** A database with the pipeline "library", and a folder for files. */
interface Setup extends AsyncDisposable {
  readonly sql: TestDatabase["sql"];
  /** Not there yet. */
  readonly out: string;
  run(out: string, ...flags: string[]): Promise<Ended>;
  /** Interrupts an export as soon as something has happened. */
  interrupt(happened: () => Promise<boolean>, ...flags: string[]): Promise<Ended>;
}

async function setup(books = 12): Promise<Setup> {
  await using starting = new AsyncDisposableStack();
  const database = starting.use(await createDatabase());
  const folder = starting.use(await temporaryFolder());
  await aLibrary(database.sql, { books });
  const running = starting.move();
  const out = join(folder.path, "dump");
  const env = { SUPABASE_DB_URL: database.url, LANDFALL_MONGODB_URL: "" };
  const args = (to: string) => ["documents", "--pipeline", "library", "--out", to];
  return {
    sql: database.sql,
    out,
    run: (to, ...flags) => runScript("export.ts", [...args(to), ...flags], env),
    interrupt: (happened, ...flags) =>
      interruptScript("export.ts", [...args(out), ...flags], env, happened),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Makes the books' documents anew. */
async function theirDocuments(sql: TestDatabase["sql"], document: string, from: string) {
  await sql.unsafe(`
    create or replace view transform.library_books with (security_invoker = true) as
    select id::text as source_key, '{}'::jsonb as source_row, pages, ${document} as document
    from ${from}`);
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

const MANY = "(select n as id, 0 as pages from generate_series(1, 50000) as n, " +
  "generate_series(1, 1000)) as many";
const INTERRUPTED = { code: 130, stderr: "Interrupted: no file is left behind.\n" };

for (const flags of [[], ["--gzip"]]) {
  const how = flags.join() || "plain";

  Deno.test(`a disk that fills up ends the export, and no file is left: ${how} (LF007)`, async () => {
    await using disk = await smallDisk("1m");
    if (!disk) {
      console.log("Skipped: only root on Linux can mount a small disk");
      return;
    }
    await using test = await setup(100_000);
    const out = join(disk.path, "dump");

    const { code, stderr } = await test.run(out, ...flags);

    assertEquals(code, 1);
    assertMatch(stderr, /^error LF007: Cannot write .*books\.ndjson.*\.part\n.*No space left/);
    assertEquals(await isThere(out), false);
  });

  Deno.test(`an export that is interrupted amid its documents leaves no file: ${how}`, async () => {
    await using test = await setup();
    await theirDocuments(test.sql, "json_build_object('_id', md5(id::text))", MANY);
    const part = join(test.out, `books.ndjson${flags.length > 0 ? ".gz" : ""}.part`);
    const flows = () => Deno.stat(part).then(({ size }) => size > 1_000_000, () => false);

    const { code, stderr } = await test.interrupt(flows, ...flags);

    assertEquals({ code, stderr }, INTERRUPTED);
    assertEquals(await isThere(test.out), false);
  });
}

Deno.test("an export that is interrupted while it counts what a rule rejects ends at once", async () => {
  await using test = await setup();
  await test.sql`
    select landfall.define_rule('library', 'books', 'slow', 'reject', 'slow: it takes long',
      condition => 'pg_sleep(30) is not null')`;

  const { code, stderr } = await test.interrupt(() => isThere(join(test.out, "authors.ndjson")));

  assertEquals({ code, stderr }, INTERRUPTED);
  assertEquals(await isThere(test.out), false);
});

Deno.test("a row without a document names its collection, and no file is left (LF011)", async () => {
  await using test = await setup();
  await theirDocuments(
    test.sql,
    "case when id <> 3 then json_build_object('_id', id) end",
    "staging.library_books",
  );

  const { code, stderr } = await test.run(test.out);

  assertEquals(code, 2);
  assertStringIncludes(
    stderr,
    "A document of books cannot be made\n  It is null, for 1 of them.\n",
  );
  assertEquals(await isThere(test.out), false);
});

Deno.test("what a view raises names its collection, and quotes no value (LF011)", async () => {
  await using test = await setup();
  await test.sql.unsafe(`
    create function staging.refuse(title text) returns json language plpgsql as $$
    begin
      raise exception 'the title is %', title;
    end $$`);
  await theirDocuments(test.sql, "staging.refuse(title)", "staging.library_books");

  const { code, stderr } = await test.run(test.out);

  assertEquals(code, 2);
  assertStringIncludes(stderr, "A document of books cannot be made\n  SQLSTATE P0001");
  assertEquals(stderr.includes("Book"), false, stderr);
});

Deno.test("a rule that fails is named (LF011)", async () => {
  await using test = await setup();
  await test.sql`
    select landfall.define_rule('library', 'books', 'broken', 'reject', 'broken: it fails',
      condition => '1 / (pages - 105) is not null')`;

  const { code, stderr } = await test.run(test.out);

  assertEquals(code, 2);
  assertStringIncludes(stderr, "The rule broken of books cannot be checked\n  SQLSTATE 22012");
});

Deno.test("many rows that a query rejects cost no more than a few", async () => {
  await using test = await setup(60_000);
  await test.sql`
    select landfall.define_rule('library', 'books', 'odd', 'reject', 'odd: it is odd',
      query => $$select id::text as source_key from staging.library_books where id % 2 = 1
                 union all select n::text from generate_series(60001, 400000) as n
                 union all select null$$)`;
  await test.sql`analyze staging.library_books`;
  const start = performance.now();

  const { code, stdout } = await test.run(test.out, "--json");

  assertEquals(code, 3);
  const [, books] = JSON.parse(stdout).collections;
  assertEquals([books.documents, books.rejected[0].rows], [30_000, 30_000]);
  // each row beside each of the others takes minutes
  assertEquals(performance.now() - start < 30_000, true);
});

Deno.test("a second export into the same folder at the same time is refused (LF008)", async () => {
  await using test = await setup();
  await Deno.mkdir(test.out);
  // what the first has opened
  await Deno.writeTextFile(join(test.out, "manifest.json.part"), "");

  const { code, stderr } = await test.run(test.out);

  assertEquals(code, 2);
  assertStringIncludes(stderr, "manifest.json.part: it is there already");
  const names = await Array.fromAsync(Deno.readDir(test.out), ({ name }) => name);
  assertEquals(names, ["manifest.json.part"]);
});

Deno.test("a collection's name leads to no other folder", async () => {
  await using test = await setup();
  await test.sql`select landfall.define_documents('library', 'authors', '../up/authors')`;

  const { code, stdout } = await test.run(test.out);

  assertEquals(code, 0);
  const names = await Array.fromAsync(Deno.readDir(test.out), ({ name }) => name);
  assertEquals(names.sort(), ["%2E.%2Fup%2Fauthors.ndjson", "books.ndjson", "manifest.json"]);
  assertStringIncludes(stdout, "--collection ../up/authors ");
});
