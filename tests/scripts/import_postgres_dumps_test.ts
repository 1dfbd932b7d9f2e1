import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type postgres from "postgres";
import { openDump } from "../../scripts/import/postgres/dump/open_dump.ts";
import { restoreScript } from "../../scripts/import/postgres/dump/restore_script.ts";
import { type PostgresSetup, postgresSetup } from "./import_postgres.ts";

const END = "\n--\n-- PostgreSQL database dump complete\n--\n";
const HEAD = `--
-- PostgreSQL database dump
--

\\restrict xNcMh2
SET statement_timeout = 0;
SET transaction_timeout = 0;
SET no_such_setting = 1;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
`;
/** What pg_dump writes, and what a scratch database cannot do. */
const DUMP = `${HEAD}
CREATE DATABASE app;
\\connect app
CREATE EXTENSION IF NOT EXISTS no_such_extension WITH SCHEMA public;
COMMENT ON EXTENSION no_such_extension IS 'semi;colon';
CREATE EVENT TRIGGER guard ON ddl_command_start EXECUTE FUNCTION public.guard();
CREATE TYPE public.mood AS ENUM ('sad', 'o;k');
CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS $_$
begin perform 1; raise exception 'not reached; $$'; end $_$;
CREATE FUNCTION public.two() RETURNS integer LANGUAGE sql
  BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;
CREATE TABLE public."Users" (id integer NOT NULL, name text DEFAULT 'a;''b', m public.mood);
ALTER TABLE public."Users" OWNER TO somebody;
CREATE TABLE public.places (id integer, at public.no_such_type);
CREATE TABLE public.events (id integer, at date) PARTITION BY RANGE (at);
CREATE TABLE public.events_1 (id integer, at date);
ALTER TABLE ONLY public.events ATTACH PARTITION public.events_1 FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE VIEW public.counts AS SELECT NULL::bigint AS n;
/* a comment; /* nested; */ */
COPY old.counts FROM '/tmp/old.csv';
\\copy old.counts to 'new.csv'
\\copy old.counts from 'old.csv'
COPY public."Users" (id, name, m) FROM stdin;
1\tline\\none\tsad
2\t\\\\.\to;k
3\t\\N\t\\N
\\.


COPY public.places (id, at) FROM stdin;
1\tsomewhere; '
\\.

COPY public.events_1 (id, at) FROM stdin;
7\t2020-05-05
\\.
SELECT pg_catalog.setval('public.nothing', 7, true);
ALTER TABLE ONLY public."Users" ADD CONSTRAINT users_pkey PRIMARY KEY (id);
CREATE INDEX users_name ON public."Users" USING btree (no_such_function(name));
CREATE TRIGGER touch BEFORE INSERT ON public."Users" FOR EACH ROW EXECUTE FUNCTION public.touch();
CREATE POLICY hidden ON public."Users" USING (false);
CREATE OR REPLACE VIEW public.counts AS SELECT id, count(*) AS n FROM public."Users" GROUP BY id;
GRANT ALL ON TABLE public."Users" TO somebody;
${END}`;

async function imported(test: PostgresSetup, dump: string | Uint8Array, ...flags: string[]) {
  return await test.run(flags, await test.file("app.sql", dump));
}

/** Restores a dump to a database in place of a scratch database, and returns how that fails. */
async function refusalOf(path: string, sql: postgres.Sql): Promise<unknown> {
  await sql.unsafe("drop schema public cascade; create schema public");
  try {
    const script = await openDump(path, new AbortController().signal);
    await restoreScript(sql, script, { count: 1, has: (_, table) => table === "Users" });
  } catch (error) {
    return error;
  }
}

Deno.test("import postgres reads a plain dump as psql would, whatever fails beside its tables", async () => {
  await using test = await postgresSetup();
  const gzip = new Blob([DUMP]).stream().pipeThrough(new CompressionStream("gzip"));
  const packed = await test.file("app.sql.gz", await new Response(gzip).bytes());

  const report = await test.report(["--tables", "Users,events"], packed);

  assertEquals(report.source, "app.sql.gz");
  assertEquals([report.tables.Users!.rows, report.tables.events!.rows], [3, 1]);
  assertEquals(await test.rows("shop_Users"), [
    ["1", "line\none", "sad"],
    ["2", "\\.", "o;k"],
    ["3", null, null],
  ]);
  const [books] = await test.target.sql`select source from landfall.imports`;
  assertEquals(books!.source, "app.sql.gz");
});

Deno.test("import postgres says why a wanted table of a dump cannot be made (LF011)", async () => {
  await using test = await postgresSetup();

  const all = await imported(test, DUMP);
  const function_ = `${HEAD}CREATE VIEW public.counts AS SELECT public.no_such_function();${END}`;
  const view = await imported(test, function_, "--tables", "counts");
  // pg_dump makes a view in two steps when it depends on a key: the first alone is no view
  const half = await imported(
    test,
    DUMP.replace("VIEW public.counts AS SELECT id", "VIEW public.counts AS SELECT no_such"),
    "--tables",
    "counts",
  );
  const missing = await imported(test, DUMP, "--tables", "orders");

  assertEquals([all.code, view.code, half.code, missing.code], [2, 2, 2, 2]);
  assertStringIncludes(half.stderr, 'column "no_such" does not exist');
  assertMatch(all.stderr, /^error LF011: Table public\.places of the dump cannot be made\n/);
  assertStringIncludes(all.stderr, 'type "public.no_such_type" does not exist');
  assertMatch(view.stderr, /^error LF011: Table public\.counts of the dump cannot be made\n/);
  assertMatch(
    missing.stderr,
    /^error LF011: .* it has no table orders\n {2}Schema public has Users, /,
  );
});

Deno.test("import postgres reads a dump of inserts, also with many rows and LATIN1", async () => {
  await using test = await postgresSetup();
  const latin = `${HEAD.replace("UTF8", "LATIN1")}
    CREATE TABLE public.a (id int, name text, owner uuid DEFAULT auth.uid(),
      key uuid DEFAULT extensions.uuid_generate_v4());
    CREATE TABLE public.b (id int);
    INSERT INTO public.a VALUES (1, 'São ;'), (2, E'it\\'s'); INSERT INTO public.a (id) VALUES (3);
    INSERT INTO public.b VALUES ('not wanted');
    COPY public.a (id, name) FROM stdin;\n4\t\xe3\n\\.\n${END}`;
  const bytes = Uint8Array.from(latin, (character) => character.charCodeAt(0));

  await test.target.sql`create table staging.shop_a (id int, name text)`;
  const ended = await imported(test, bytes, "--tables", "a");

  assertEquals(ended.code, 0, ended.stderr);
  assertEquals(await test.rows("shop_a"), [["1", "São ;"], ["2", "it's"], ["3", null], ["4", "ã"]]);
});

Deno.test("import postgres restores only companies that are asked for, out of a dump", async () => {
  await using test = await postgresSetup();
  await test.target.sql.unsafe(`
    select landfall.define_pipeline('shop', 'The shop');
    update landfall.pipelines set scope_columns = '{"companies": "id", "leads": "company_id"}'
      where name = 'shop';
    create table staging.shop_companies (id text); create table staging.shop_leads (id int);
    alter table staging.shop_leads add company_id text`);
  const dump = `${HEAD}
    CREATE TABLE public.companies (id text); CREATE TABLE public.leads (id int, company_id text);
    COPY public.companies (id) FROM stdin;\nA\nB\n\\.
    COPY public.leads (id, company_id) FROM stdin;\n1\tA\n2\tB\n\\.\n${END}`;

  const one = await imported(test, dump, "--tables", "leads", "--source-company", "A");
  const none = await imported(test, dump, "--source-company", "C");

  assertEquals([one.code, none.code], [0, 2]);
  assertEquals(await test.rows("shop_leads"), [["1", "A"]]);
  assertMatch(none.stderr, /^error LF008: There is no company C in the source\n/);
});

Deno.test("import postgres takes no part of a dump for the whole (LF011)", async () => {
  await using test = await postgresSetup();
  const latin1 = DUMP.replace("line", "S\xe3o");
  const utf16 = `\ufeff${DUMP}`;
  const dumps: [dump: string | Uint8Array, says: string][] = [
    ["", "it is empty"],
    [" \n", "it is empty"],
    [DUMP.slice(0, DUMP.indexOf("2\t")), "it ends in the middle of a table's rows"],
    [DUMP.slice(0, DUMP.indexOf("CREATE POLICY")), "its end is missing"],
    [DUMP.slice(0, DUMP.indexOf("public.mood);")), "it ends in the middle of a statement"],
    [DUMP.replace("3\t\\N\t\\N", "3"), 'missing data for column "name", line 3'],
    [DUMP.replace("3\t", "secret\t"), "Postgres failed with 22P02, line 3, column id."],
    [DUMP.replace("3\t\\N\t", "3\tx\tsecret"), "line 3, column m."],
    [
      Uint8Array.from(latin1, (character) => character.charCodeAt(0)),
      "A text is not valid in the dump's encoding",
    ],
    [new Uint8Array(new Uint16Array(Array.from(utf16, (c) => c.charCodeAt(0))).buffer), "UTF-16"],
    ["-- MySQL dump 10.13\nCREATE TABLE `a` (id int);", "it is a dump of MySQL"],
    ["/*!40101 SET NAMES utf8 */;", "it is a dump of MySQL"],
    ["\x7fELF\0\0", "it is no dump of Postgres"],
    ["SQLite format 3\0", "it is a SQLite database"],
    ["id,name\n1,x\n", "it ends in the middle of a statement"],
    ["PK\x03\x04", "it is packed"],
    [`${HEAD}CREATE TABLE public."Users" (id int);${END}`, "tables and no rows"],
    [`${HEAD}COPY public."Users" (id) FROM stdin;\n1\n\\.\n${END}`, "does not make it"],
    [DUMP.replace("SELECT pg_catalog.setval", "\\connect other\nSELECT"), "several databases"],
    [DUMP.replace("'UTF8'", "'SJIS'"), "the encoding SJIS"],
    [`${DUMP}\\i more.sql\n`, "includes another script"],
    [`${DUMP}\\include_relative 'more.sql'\n`, "includes another script"],
    [`${DUMP}\\copy public."Users" (id, name) from 'x.csv' csv\n`, "Users are not in the dump"],
    [`${DUMP}COPY public."Users" FROM '/tmp/x.csv';\n`, "Users are not in the dump"],
  ];

  for (const [dump, says] of dumps) {
    const path = await test.file("app.sql", dump);
    const failure = JSON.stringify(await refusalOf(path, test.source));
    assertMatch(failure, /^{"code":"LF011",/, says);
    assertStringIncludes(failure.replaceAll('\\"', '"'), says);
    assert(!failure.includes("secret"), failure);
  }
});

Deno.test("import postgres changes nothing when a dump is not whole (LF011)", async () => {
  await using test = await postgresSetup();
  await test.target.sql`create table staging."shop_Users" (id int)`;
  await test.target.sql`insert into staging."shop_Users" values (9)`;

  const { code, stderr } = await imported(test, DUMP.slice(0, -20));

  assertEquals(code, 2);
  assertMatch(stderr, /^error LF011: The dump cannot be read: its end is missing\n/);
  assertEquals(await test.rows("shop_Users"), [["9"]]);
});

Deno.test("import postgres lets a dump do nothing outside its scratch database", async () => {
  await using test = await postgresSetup();
  const marker = `${test.folder}/marker`;
  const dump = `${HEAD}
    CREATE TABLE public.who (who text, super boolean);
    \\! touch ${marker}
    COPY public.who (who) TO '${marker}';
    SET ROLE supabase_admin;
    CREATE ROLE intruder SUPERUSER;
    INSERT INTO public.who SELECT rolname, rolsuper FROM pg_catalog.pg_roles
      WHERE rolname IN (current_user, 'intruder') OR rolcreaterole AND rolname = current_user;
    ${END}`;

  const { code, stderr } = await imported(test, dump);
  const program = `COPY public.who FROM PROGRAM 'touch ${marker}; echo x';\n${END}`;
  const refused = await imported(test, dump.replace(END, program));

  assertEquals([code, refused.code], [0, 2], stderr);
  assertEquals(await test.rows("shop_who"), [["dump", "false"]]);
  assertEquals(await Deno.stat(marker).then(() => true, () => false), false);
});
