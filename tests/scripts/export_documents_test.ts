import { assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { BSON } from "../../supabase/functions/_shared/sinks/mongodb.ts";
import { temporaryFolder } from "../../scripts/stack/temporary_folder.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { aLibrary } from "../support/library.ts";
import { type Ended, interruptScript, runScript } from "./run_script.ts";

/** A database with the pipeline "library", and an empty folder. */
interface Setup extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly sql: TestDatabase["sql"];
  /** Not there yet. */
  readonly out: string;
  /** Exports the library into the folder. */
  run(...flags: string[]): Promise<Ended>;
  /** The names of the files in the folder. */
  files(): Promise<string[]>;
  manifest(): Promise<Record<string, unknown>>;
}

async function setup(): Promise<Setup> {
  await using starting = new AsyncDisposableStack();
  const database = starting.use(await createDatabase());
  const folder = starting.use(await temporaryFolder());
  await aLibrary(database.sql);
  const running = starting.move();
  const out = join(folder.path, "dump");
  return {
    database,
    sql: database.sql,
    out,
    run: (...flags) =>
      runScript("export.ts", ["documents", "--pipeline", "library", "--out", out, ...flags], {
        SUPABASE_DB_URL: database.url,
        LANDFALL_MONGODB_URL: "",
      }),
    files: async () => {
      const names = await Array.fromAsync(Deno.readDir(out), ({ name }) => name);
      return names.sort();
    },
    manifest: async () => JSON.parse(await Deno.readTextFile(join(out, "manifest.json"))),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function lines(path: string): Promise<string[]> {
  return (await Deno.readTextFile(path)).trimEnd().split("\n");
}

const AUTHORS = ["authors.ndjson", "books.ndjson", "manifest.json"];

Deno.test("export documents writes a line for each document, and a manifest of all of them", async () => {
  await using test = await setup();

  const { code, stdout, stderr } = await test.run();

  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  assertEquals(await test.files(), AUTHORS);
  const books = (await lines(join(test.out, "books.ndjson")))
    .map((line) => BSON.EJSON.parse(line, { relaxed: false }));
  assertEquals(books.length, 12);
  const [book] = books;
  assertEquals(book._id._bsontype, "ObjectId");
  assertEquals(book.price._bsontype, "Decimal128");
  assertStringIncludes(stdout, "mongoimport --db <database> --collection books");
  assertStringIncludes(
    stdout,
    'db.getCollection("books").createIndex({ "author_id": 1, "pages": -1 })',
  );
  const { pipeline, format, collections } = await test.manifest();
  assertEquals({ pipeline, format }, { pipeline: "library", format: "landfall documents 1" });
  const [authors] = collections as Record<string, unknown>[];
  const bytes = await Deno.readFile(join(test.out, "authors.ndjson"));
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  assertEquals([authors!.documents, authors!.bytes, authors!.sha256], [
    3,
    bytes.length,
    sha256.toHex(),
  ]);
});

Deno.test("export documents makes files for their owner alone", async () => {
  await using test = await setup();
  await test.run();

  for (const name of await test.files()) {
    const { mode } = await Deno.stat(join(test.out, name));
    assertEquals(mode! & 0o777, 0o600, name);
  }
});

Deno.test("export documents --gzip writes what gunzip reads, with the digest of the plain documents", async () => {
  await using test = await setup();
  const { stdout } = await test.run("--gzip", "--json");
  const packed = JSON.parse(stdout);
  const file = await Deno.open(join(test.out, "books.ndjson.gz"));

  const text = await new Response(
    file.readable.pipeThrough(new DecompressionStream("gzip")),
  ).text();

  assertEquals(text.trimEnd().split("\n").length, 12);
  await Deno.remove(test.out, { recursive: true });
  const plain = JSON.parse((await test.run("--json")).stdout);
  const digests = ({ collections }: { collections: { digest: string }[] }) =>
    collections.map(({ digest }) => digest);
  assertEquals(digests(packed), digests(plain));
});

Deno.test("the digest tells equal documents from others, whatever their order", async () => {
  await using test = await setup();
  const digest = async (...flags: string[]) => {
    const { stdout } = await test.run("--json", ...flags);
    await Deno.remove(test.out, { recursive: true });
    return JSON.parse(stdout).collections.find((each: { entity: string }) =>
      each.entity === "books"
    ).digest;
  };
  const before = await digest();
  // written anew, the row stands last
  await test.sql`update staging.library_books set title = title where id = 1`;
  assertEquals(await digest(), before);

  await test.sql`update staging.library_books set title = 'Another' where id = 1`;
  assertNotEquals(await digest(), before);
  assertNotEquals(await digest("--max-children", "1"), before);
});

Deno.test("export documents takes some tables, and keeps to the limit of children", async () => {
  await using test = await setup();

  const { code } = await test.run("--tables", "books", "--max-children", "1");

  assertEquals(code, 0);
  assertEquals(await test.files(), ["books.ndjson", "manifest.json"]);
  const [line] = await lines(join(test.out, "books.ndjson"));
  assertEquals(JSON.parse(line!).chapters.length, 1);
  assertEquals((await test.manifest()).maxChildren, 1);
});

Deno.test("a document is one line, whatever the view makes of it and the row holds", async () => {
  await using test = await setup();
  await test.sql`
    update staging.library_books
    set title = ${'a "quoted"\n\tline\r\\ with \u0001 and 日本, and \\.'} where id = 1`;

  await test.run();

  const titles = (await lines(join(test.out, "books.ndjson"))).map((line) =>
    JSON.parse(line).title
  );
  assertEquals(titles.length, 12);
  assertEquals(titles.filter((title) => title.includes("quoted")), [
    'a "quoted"\n\tline\r\\ with \u0001 and 日本, and \\.',
  ]);
});

Deno.test("rows that a rule rejects are left out, named, and end the export with 3", async () => {
  await using test = await setup();
  await test.sql`
    select landfall.define_rule('library', 'books', 'thin', 'reject', 'thin: it has few pages',
      condition => 'pages > 102')`;
  await test.sql`
    select landfall.define_rule('library', 'books', 'banned', 'reject', 'banned: it is banned',
      query => $$select id::text as source_key from staging.library_books where id in (2, 12)$$)`;

  const { code, stdout } = await test.run();

  assertEquals(code, 3);
  assertMatch(stdout, /books\s+banned: it is banned\s+2\n/);
  assertMatch(stdout, /books\s+thin: it has few pages\s+2\n/);
  assertEquals((await lines(join(test.out, "books.ndjson"))).length, 9);
});

Deno.test("a document that cannot be made stops the export, and no file is left (LF011)", async () => {
  await using test = await setup();
  await test.sql.unsafe(`
    create or replace view transform.library_books with (security_invoker = true) as
    select id::text as source_key, '{}'::jsonb as source_row, pages,
      json_build_object('_id', 1 / (id - 12)) as document
    from staging.library_books`);

  const { code, stderr } = await test.run();

  assertEquals(code, 2);
  assertStringIncludes(stderr, "A document of books cannot be made");
  assertEquals(await Deno.stat(test.out).then(() => true, () => false), false);
});

Deno.test("export documents never writes over a file (LF008)", async () => {
  await using test = await setup();
  await Deno.mkdir(test.out);
  await Deno.writeTextFile(join(test.out, "books.ndjson"), "mine");

  const { code, stderr } = await test.run();

  assertEquals(code, 2);
  assertStringIncludes(stderr, "books.ndjson: it is there already");
  assertEquals(await test.files(), ["books.ndjson"]);
  assertEquals(await Deno.readTextFile(join(test.out, "books.ndjson")), "mine");
});

Deno.test("export documents interrupted leaves no file behind", async () => {
  await using test = await setup();
  await test.sql.unsafe(`
    create or replace view transform.library_books with (security_invoker = true) as
    select id::text as source_key, '{}'::jsonb as source_row, pages,
      case when pg_sleep(30) is not null then json_build_object('_id', id) end as document
    from staging.library_books`);
  const begun = () => Deno.stat(join(test.out, "books.ndjson.part")).then(() => true, () => false);

  const { code, stderr } = await interruptScript(
    "export.ts",
    ["documents", "--pipeline", "library", "--out", test.out],
    { SUPABASE_DB_URL: test.database.url, LANDFALL_MONGODB_URL: "" },
    begun,
  );

  assertEquals({ code, stderr }, { code: 130, stderr: "Interrupted: no file is left behind.\n" });
  assertEquals(await Deno.stat(test.out).then(() => true, () => false), false);
});

Deno.test("export documents says what is wrong with how it is called", async () => {
  await using test = await setup();
  const refusals: [string[], string, string][] = [
    [["documents"], "LF008", "Neither --to nor --out"],
    [["documents", "--out", test.out], "LF008", "--pipeline is missing"],
    [["documents", "--pipeline", "nothing", "--out", test.out], "LF101", "There is no pipeline"],
    [["documents", "--pipeline", "kv", "--out", test.out], "LF215", "writes tables"],
    [
      ["documents", "--pipeline", "library", "--out", test.out, "--tables", "x"],
      "LF204",
      "table x",
    ],
    [
      ["documents", "--pipeline", "library", "--out", "/nowhere/x"],
      "LF008",
      "Cannot make the folder",
    ],
    [["documents", "--pipeline", "library", "--out", "/etc/hostname"], "LF008", "it is no folder"],
    [["documents", "--pipeline", "library", "--out", test.out, "--dry-run"], "LF008", "--dry-run"],
    [
      ["documents", "--pipeline", "library", "--out", test.out, "--max-children", "x"],
      "LF008",
      "--max-children",
    ],
    [["documents", "--to"], "LF008", "--to needs the URL of a MongoDB"],
    [["rows"], "LF008", "Kinds are documents"],
  ];
  for (const [args, code, said] of refusals) {
    const ended = await runScript("export.ts", args, {
      SUPABASE_DB_URL: test.database.url,
      LANDFALL_MONGODB_URL: "",
    });
    assertEquals(ended.code, 2, args.join(" "));
    assertStringIncludes(ended.stderr, code);
    assertStringIncludes(ended.stderr, said);
  }
});
