import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { type ImportSetup, importSetup } from "./import_sqlite.ts";

const PAGE = 4096;
const MANY = `
  create table items (id integer primary key, name text);
  with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 20000)
  insert into items select n, 'item ' || n from numbers;
`;

Deno.test("import sqlite says what is no SQLite file (LF011)", async () => {
  await using test = await importSetup();
  const refusals: [bytes: Uint8Array, says: string][] = [
    [new Uint8Array(), "it is empty"],
    [new TextEncoder().encode("id,name\n1,a\n".repeat(100)), "it is no SQLite database, or an enc"],
    [crypto.getRandomValues(new Uint8Array(PAGE)), "it is no SQLite database, or an encrypted one"],
  ];

  for (const [bytes, says] of refusals) {
    await Deno.writeFile(test.file, bytes);
    const { code, stderr } = await test.importSqlite();
    assertEquals(code, 2, stderr);
    assertMatch(stderr, /^error LF011: Cannot read /);
    assertStringIncludes(stderr, says);
  }
  await Deno.remove(test.file);
  assertStringIncludes((await test.importSqlite()).stderr, "there is no such file");
  await Deno.mkdir(test.file);
  assertStringIncludes((await test.importSqlite()).stderr, "it is a directory");
});

Deno.test("import sqlite loads nothing of a file that is damaged in its middle (LF011)", async () => {
  await using test = await importSetup();
  test.make("create table alone (id integer); insert into alone values (1)");
  await test.report(0);
  test.make(MANY);
  await damage(test.file, 60 * PAGE, crypto.getRandomValues(new Uint8Array(PAGE)));

  const { code, stderr } = await test.importSqlite();

  assertEquals(code, 2);
  assertMatch(stderr, /^error LF011: Cannot read .*: it is damaged, in table items\n/);
  assertEquals(await test.rows("shop_alone"), [["1"]]);
  assertEquals(await test.types("shop_items"), {});
});

Deno.test("import sqlite loads nothing of a file that is cut off (LF011)", async () => {
  await using test = await importSetup();
  test.make(MANY);
  await Deno.truncate(test.file, 40 * PAGE);

  const { code, stderr } = await test.importSqlite();

  assertEquals(code, 2);
  assertMatch(stderr, /^error LF011: Cannot read .*: it is damaged/);
});

Deno.test("import sqlite misses rows that a damaged page puts out of reach (LF011)", async () => {
  await using test = await importSetup();
  test.make(MANY);
  await misdirect(test.file, 501);

  const { code, stderr } = await test.importSqlite();

  assertEquals(code, 2);
  assertMatch(stderr, /^error LF011: .*: it is damaged, in table items\n/);
  assertMatch(stderr, /Its pages hold 20000 rows, of which 19\d\d\d can be reached/);
  assertEquals(await test.types("shop_items"), {});
});

Deno.test("import sqlite reads what stands in a -wal, and says so", async () => {
  await using test = await importSetup();
  await withWal(test);

  const { code, stdout } = await test.importSqlite();

  assertEquals(code, 0);
  assertStringIncludes(stdout, "rows of app.db, with the -wal beside it, for pipeline shop");
  assertEquals(await test.rows("shop_items"), [["1", "first"], ["2", "second"]]);
});

Deno.test("import sqlite leaves out of a -wal what was never committed", async () => {
  await using test = await importSetup();
  await withWal(test);
  const wal = `${test.file}-wal`;
  const bytes = await Deno.readFile(wal);
  // the last frame commits: without it, its transaction was broken off
  await Deno.writeFile(wal, bytes.subarray(0, -(PAGE + 24)));

  await test.report(0);

  assertEquals(await test.rows("shop_items"), [["1", "first"]]);
});

Deno.test("import sqlite refuses a -wal that is damaged, of which SQLite would read less (LF011)", async () => {
  await using test = await importSetup();
  await withWal(test);
  const wal = `${test.file}-wal`;
  const bytes = await Deno.readFile(wal);

  for (const [at, says] of [[8, "Its header is"], [32 + 24 + 100, "Frame 1 is broken"]] as const) {
    await Deno.writeFile(wal, bytes);
    await damage(wal, at, new Uint8Array([bytes[at]! ^ 1]));
    const { code, stderr } = await test.importSqlite();
    assertEquals(code, 2);
    assertMatch(stderr, /^error LF011: .*: the -wal beside it is damaged\n/);
    assertStringIncludes(stderr, says);
  }
  await Deno.remove(wal);
  await Deno.mkdir(wal);
  assertMatch((await test.importSqlite()).stderr, /^error LF011: .*: it cannot be (opened|read)/);
  assertEquals(await test.types("shop_items"), {});
});

Deno.test("import sqlite refuses a file whose last write was broken off (LF011)", async () => {
  await using test = await importSetup();
  using live = new DatabaseSync(`${test.folder}/live.db`);
  live.exec(`${MANY} pragma cache_size = 2; begin; update items set name = randomblob(300)`);
  await Deno.copyFile(`${test.folder}/live.db`, test.file);
  await Deno.copyFile(`${test.folder}/live.db-journal`, `${test.file}-journal`);

  const { code, stderr } = await test.importSqlite();

  assertEquals(code, 2);
  assertMatch(stderr, /^error LF011: .*: a write to it was broken off/);
});

Deno.test("import sqlite loads nothing when the connection is lost, and says so (LF005)", async () => {
  await using test = await importSetup();
  test.make(`
    create table words (id integer primary key, word text);
    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 2000000)
    insert into words select n, 'some words here and there ' || n from numbers`);
  let ended = false;
  const importing = test.importSqlite().finally(() => ended = true);
  for (let cut = 0; cut === 0 && !ended;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    const found = await test.database.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and state = 'active' and query ilike 'copy %'`;
    cut = found.length;
  }

  const { code, stderr } = await importing;

  assertEquals(code, 1);
  assertMatch(stderr, /^error LF005: The database cannot be reached$/m);
  const [kept] = await test.database.sql`
    select to_regclass('staging.shop_words') as made, count(*)::int as imports
    from landfall.imports`;
  assertEquals(kept, { made: null, imports: 0 });
});

Deno.test("import sqlite leaves the file as it is", async () => {
  await using test = await importSetup();
  test.make(MANY);
  const before = await Deno.readFile(test.file);

  await test.report(0);

  assertEquals(await Deno.readFile(test.file), before);
  const left = await Array.fromAsync(Deno.readDir(test.folder));
  assertEquals(left.map(({ name }) => name), ["app.db"]);
});

/** Copies a file together with the -wal of an app that still runs: two transactions, a frame each. */
async function withWal({ folder, file }: ImportSetup): Promise<void> {
  using live = new DatabaseSync(`${folder}/live.db`);
  live.exec("create table items (id integer primary key, name text); pragma journal_mode = wal");
  live.exec("insert into items values (1, 'first')");
  live.exec("insert into items values (2, 'second')");
  for (const suffix of ["", "-wal"]) {
    await Deno.copyFile(`${folder}/live.db${suffix}`, `${file}${suffix}`);
  }
}

async function damage(path: string, at: number, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true });
  await file.seek(at, Deno.SeekMode.Start);
  await file.write(bytes);
}

/** Lowers a key on an inner page, so that whoever looks for a row is sent past its page. */
async function misdirect(path: string, rowId: number): Promise<void> {
  using database = new DatabaseSync(path);
  const pages = database.prepare(
    "select pageno from dbstat where name = 'items' and pagetype = 'internal'",
  ).all() as { pageno: number }[];
  const bytes = await Deno.readFile(path);
  for (const { pageno } of pages) {
    const page = new DataView(bytes.buffer, (pageno - 1) * PAGE, PAGE);
    for (let cell = 0; cell < page.getUint16(3); cell++) {
      const key = page.getUint16(12 + cell * 2) + 4;
      const value = ((page.getUint8(key) & 0x7f) << 7) | page.getUint8(key + 1);
      if (page.getUint8(key) < 0x80 || value < rowId) continue;
      page.setUint8(key, 0x80 | ((rowId - 1) >> 7));
      page.setUint8(key + 1, (rowId - 1) & 0x7f);
      return await Deno.writeFile(path, bytes);
    }
  }
  throw new Error("There is no such key");
}
