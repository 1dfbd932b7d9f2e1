import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type PostgresSetup, postgresSetup } from "./import_postgres.ts";

const [A, B] = ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12"];

/** Two companies whose rows look alike, and a pipeline that knows which is whose. */
async function setup(): Promise<PostgresSetup> {
  const test = await postgresSetup();
  await test.source.unsafe(`
    create table companies (id uuid primary key, name text);
    create table leads (id int primary key, company_id uuid, email text, phone text);
    create index leads_of_company on leads (company_id);
    create table settings (id int);
    insert into companies values ('${A}', 'Acme'), ('${B}', 'Acme');
    insert into leads values (1, '${A}', 'x@y.example', null), (2, '${A}', null, '1'),
      (3, '${B}', 'x@y.example', null), (4, '${B}', null, '1'), (5, null, 'x@y.example', '1')`);
  await test.target.sql.unsafe(`
    select landfall.define_pipeline('shop', 'The shop');
    update landfall.pipelines set scope_columns = '{"companies": "id", "leads": "company_id"}'
      where name = 'shop';
    create table staging.shop_companies (id text, name text);
    create table staging.shop_leads (id int, company_id uuid, email text, phone text)`);
  return test;
}

async function ids(test: PostgresSetup): Promise<(string | null)[]> {
  return (await test.rows("shop_leads")).map(([id]) => id!);
}

Deno.test("import postgres --source-company reads and replaces the rows of companies alone", async () => {
  await using test = await setup();
  await test.report();
  const all = await ids(test);
  await test.source`update leads set email = 'new@y.example'`;
  await test.source`delete from leads where id = 2`;

  const { code, stdout } = await test.run(["--source-company", A.toUpperCase()]);
  const one = await test.rows("shop_leads");
  const companies = await test.rows("shop_companies");
  const report = await test.report(["--source-company", A, "--source-company", B]);

  assertEquals([all, code], [["1", "2", "3", "4", "5"], 0]);
  assertStringIncludes(stdout, `Companies, whose rows alone were replaced: ${A}.`);
  assertEquals(one.map(([id, , email]) => [id, email]), [
    ["1", "new@y.example"],
    ["3", "x@y.example"],
    ["4", null],
    ["5", "x@y.example"],
  ]);
  assertEquals(companies.length, 2);
  assertEquals(report.companies, [A, B]);
  assertEquals([report.tables.leads!.rows, report.tables.companies!.rows], [3, 2]);
  const [books] = await test.target.sql`select count(*)::int as imports from landfall.imports`;
  assertEquals(books, { imports: 3 });
});

Deno.test("import postgres sends nothing of other companies: their rows are not even read", async () => {
  await using test = await setup();
  await test.source.unsafe(`
    create view trap as select *, 1 / case when company_id = '${B}' then 0 else 1 end as divided
    from leads where company_id is not null`);
  await test.target.sql.unsafe(`
    update landfall.pipelines set scope_columns = '{"companies": "id", "trap": "company_id"}'
      where name = 'shop'`);

  const report = await test.report(["--tables", "trap", "--source-company", A]);
  const everything = await test.run(["--tables", "trap"]);

  assertEquals(report.tables.trap!.rows, 2);
  assertEquals(everything.code, 2);
  assertMatch(everything.stderr, /a value of table trap makes the query fail/);
});

Deno.test("import postgres --where narrows a company's rows, also with or in it", async () => {
  await using test = await setup();
  const conditions: [condition: string, expected: string[]][] = [
    ["email is not null or phone is not null", ["1", "2"]],
    ["phone = '1' -- or true", ["2"]],
    ["phone = ')'' or (true' /* ) or (true */ or leads.id = 1", ["1"]],
    ["email ~ $$^x@$$", ["1"]],
    ["email = E'\\') or true -- '", []],
    ["company_id in (select id from public.companies)", ["1", "2"]],
  ];

  for (const [condition, expected] of conditions) {
    await test.target.sql`truncate staging.shop_leads`;
    await test.report(["--source-company", A, "--where", `leads:${condition}`]);
    assertEquals(await ids(test), expected, condition);
  }
  const { stdout } = await test.run(["--where", "leads:id > 3"]);
  assertEquals(await ids(test), ["4", "5"]);
  assertStringIncludes(stdout, "staging.shop_leads has only rows where: id > 3.");
});

Deno.test("import postgres refuses a condition that is more than one, or wrong (LF008)", async () => {
  await using test = await setup();
  const refusals: [where: string, says: string][] = [
    ["leads:true) or (true", "must end within it"],
    ["leads:id = 1); delete from leads where (true", "must end within it"],
    ["leads:id = 1; select 1", "must end within it"],
    ["leads:id = nowhere.one()", 'schema "nowhere" does not exist'],
    ["leads:(id = 1", "must end within it"],
    ["leads:id = 1 /* ", "must end within it"],
    ["leads:email = 'x", "must end within it"],
    ["leads:email = '\\') or true -- '", "must end within it"],
    ["leads:idd = 1", 'column "idd" does not exist, at character 1'],
    ["leads:id = 1 or", "syntax error"],
    ["leads:id", "must be type boolean, not type integer, at character 1"],
    ["leads:id = 'x'", "invalid input syntax for type integer"],
    ["leads:id = 1 order by id", 'syntax error at or near "order", at character 8'],
    ["settings:id = 1", "The tables that are imported are companies, leads"],
    ["leads", "--where needs a table and a condition"],
    ["leads: ", "--where needs a table and a condition"],
  ];

  for (const [where, says] of refusals) {
    const { code, stderr } = await test.run(["--source-company", A, "--where", where]);
    assertEquals(code, 2, where);
    assertMatch(stderr, /^error LF008: /);
    assertStringIncludes(stderr, says);
  }
  const [kept] = await test.source`select count(*)::int as leads from leads`;
  assertEquals([kept, await ids(test)], [{ leads: 5 }, []]);
});

Deno.test("import postgres asks the source with the index on the company's column", async () => {
  await using test = await setup();
  await test
    .source`insert into leads select i, gen_random_uuid() from generate_series(10, 20000) as i`;
  await test.source`analyze leads`;
  await test.report(["--tables", "leads", "--source-company", A]);

  const [used] = await test.source<{ scans: number }[]>`
    select pg_stat_get_numscans('leads_of_company'::regclass)::int as scans`;
  assertEquals(used!.scans > 0, true);
});

Deno.test("import postgres refuses companies that it cannot tell (LF008, LF011)", async () => {
  await using test = await setup();
  await test.report();
  const other = "c0eebc99-9c0b-4ef8-bb6d-6bb9bd380a13";
  await test.target.sql`create table staging.shop_settings (id int)`;
  const tables = ["--tables", "companies,leads"];
  const refusals: [flags: string[], says: RegExp][] = [
    [
      [...tables, "--source-company", other],
      /^error LF008: There is no company c0eebc99-.+ in the/,
    ],
    [[...tables, "--source-company", "Acme"], /^error LF008: Company "Acme" cannot be: no uuid\n/],
    [[...tables, "--source-company", `${A}','${B}`], /^error LF008: Company .+ cannot be: no uuid/],
    [[...tables, "--source-company", `${A},${B}`], /^error LF008: Company .+ cannot be: no uuid/],
    [["--source-company", A], /^error LF011: Cannot import single companies of table settings\n/],
    [["--source-company="], /^error LF008: --source-company needs the key/],
  ];

  for (const [flags, says] of refusals) {
    const { code, stderr } = await test.run(flags);
    assertEquals(code, 2, stderr);
    assertMatch(stderr, says);
  }
  await test.target.sql`update landfall.pipelines set scope_columns = '{}' where name = 'shop'`;
  const none = await test.run([...tables, "--source-company", A]);
  assertMatch(none.stderr, /^error LF011: Cannot import single companies for pipeline shop\n/);
  assertEquals((await ids(test)).length, 5);
});

Deno.test("import postgres finds companies by keys of text, which hold anything", async () => {
  await using test = await postgresSetup();
  const key = `O'Neil \\ "x", {y}`;
  await test.source`create table leads (id int, company varchar(3))`;
  await test.source`alter table leads alter company type varchar(40)`;
  await test.source`insert into leads values (1, ${key}), (2, 'O'), (3, null), (4, 'abc')`;
  await test.target.sql.unsafe(`
    select landfall.define_pipeline('shop', 'The shop');
    update landfall.pipelines set scope_columns = '{"leads": "company"}' where name = 'shop';
    create table staging.shop_leads (id int, company text);
    insert into staging.shop_leads values (9, 'O')`);

  await test.report(["--source-company", key]);
  await test.report(["--source-company", key]);

  assertEquals(await test.rows("shop_leads"), [["1", key], ["9", "O"]]);
});
