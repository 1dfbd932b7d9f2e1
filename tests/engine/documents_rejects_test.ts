import { assertEquals, assertStringIncludes } from "@std/assert";
import { counts, reasons, type Setup, setup } from "./documents.ts";

Deno.test("rules reject documents, or remark on them, by a condition and by a query", async () => {
  await using test = await withRules();

  const report = await test.migrate();

  assertEquals(counts(report).books, "4 inserted, 2 rejected");
  assertEquals(reasons(report.rejects), {
    "it has no pages": ["1"],
    "it is doubled": ["1", "2"],
  });
  assertEquals(
    Object.fromEntries(report.findings.map(({ finding, count, sample }) => [
      finding,
      [count, ...sample],
    ])),
    { dear: [2, "5", "6"], rare: [1, "4"] },
  );
  const rows = await test.sql`
    select source_key, target_key, source_row ->> 'title' as title
    from landfall.rejects order by source_key`;
  assertEquals(rows.map(({ source_key, title }) => [source_key, title]), [
    ["1", "Book 1"],
    ["2", "Book 2"],
  ]);
});

Deno.test("skipValidation leaves rules out, and ruleActions says what they do", async () => {
  await using test = await withRules();

  const lenient = await test.migrate({ ruleActions: { pages: "finding", twice: "off" } });
  const strict = await test.migrate({ ruleActions: { dear: "reject" } });
  const none = await test.migrate({ skipValidation: true });

  assertEquals(counts(lenient).books, "6 inserted");
  assertEquals(lenient.findings.map(({ finding }) => finding), ["dear", "pages", "rare"]);
  assertEquals(counts(strict).books, "2 unchanged, 4 rejected");
  assertEquals(counts(none).books, "6 unchanged");
  assertEquals(none.findings, []);
});

Deno.test("reject_conditions() has a query hashed, and a null among its keys rejects nothing", async () => {
  await using test = await setup();
  await test.sql`
    select landfall.define_rule('library', 'books', 'twice', 'reject', 'it is doubled',
      query => $$select '2' as source_key union all select null$$)`;
  for (const book of [1, 2]) await test.tamper("books", book, { title: "Theirs" });

  const report = await test.migrate();
  const [row] = await test.sql`
    select
      landfall.reject_conditions(entities.id, '{}') as rules,
      landfall.reject_conditions(entities.id, '{"ruleActions": {"twice": "finding"}}') as lenient
    from landfall.entities
    where entities.name = 'books'`;
  const [{ condition, ...rule }] = row!.rules;
  const kept = `select source_key from transform.library_books where ${condition} order by 1`;
  const plan = await test.sql.unsafe(`explain ${kept}`);

  assertEquals(reasons(report.rejects), {
    "books has this document already, and Landfall did not write it": ["1"],
    "it is doubled": ["2"],
  });
  assertEquals([rule.name, rule.reason, row!.lenient], ["twice", "it is doubled", []]);
  assertEquals(
    (await test.sql.unsafe(kept)).map(({ source_key }) => source_key),
    ["1", "3", "4", "5", "6"],
  );
  // an array is searched for every row
  assertStringIncludes(JSON.stringify(plan), "hashed SubPlan");
});

Deno.test("a row whose document does not compute is rejected alone", async () => {
  await using test = await setup();
  await test.sql`update staging.library_books set pages = 0 where id = 4`;
  await divide(test);

  const report = await test.migrate({ batchSize: 3 });

  assertEquals(counts(report).books, "5 inserted, 1 rejected");
  assertEquals(reasons(report.rejects), { "division by zero": ["4"] });
  const [row] = await test.sql`select source_row ->> 'title' as title from landfall.rejects`;
  assertEquals(row!.title, "Book 4");
  await test.sql`update staging.library_books set pages = 4 where id = 4`;
  assertEquals(counts(await test.migrate()).books, "1 inserted, 5 unchanged");
});

Deno.test("a view that fails, and for no single row, stops the export (LF302)", async () => {
  await using test = await setup();
  await test.sql.unsafe(`
    create sequence staging.reads; grant usage on sequence staging.reads to service_role`);
  await replaceDocument(
    test,
    "library_books",
    "document",
    "case when 1 / (nextval('staging.reads') - 2) is not null then given.document end",
  );

  const failed = await test.run().catch(({ code }) => code);

  assertEquals(failed, "LF302");
});

Deno.test("a document needs an ObjectId as its _id, and one source row", async () => {
  await using test = await setup();
  await replaceDocument(
    test,
    "library_books",
    "document",
    `case given.source_key
      when '1' then (given.document::jsonb - '_id')::json
      when '2' then (given.document::jsonb || '{"_id": "two"}')::json
      when '3' then (given.document::jsonb || '{"_id": {"$oid": "xyz"}}')::json
      when '5' then (given.document::jsonb || jsonb_build_object('_id', json_build_object(
        '$oid', left(md5('library.books/4'), 24))))::json
      else given.document
    end`,
  );

  const report = await test.migrate();

  assertEquals(counts(report).books, "2 inserted, 4 rejected");
  assertEquals(reasons(report.rejects.filter(({ entity }) => entity === "books")), {
    "its document has no ObjectId as _id": ["1", "2", "3"],
    "another source row has become this document of books": ["5"],
  });
  // in another batch, and another run, too
  assertEquals(counts(await test.migrate({ batchSize: 1 })).books, "2 unchanged, 4 rejected");
});

Deno.test("a row keeps the _id it was written with", async () => {
  await using test = await setup();
  await test.migrate();
  await replaceDocument(
    test,
    "library_books",
    "document",
    `case given.source_key when '5' then (given.document::jsonb || jsonb_build_object(
        '_id', json_build_object('$oid', left(md5('another'), 24))))::json
      else given.document end`,
  );

  const report = await test.migrate();

  assertEquals(counts(report).books, "5 unchanged, 1 rejected");
  assertEquals(reasons(report.rejects), {
    "its _id is no longer the one it was written with": ["5"],
  });
  assertEquals(Object.keys(test.contents()).length, 9);
});

Deno.test("a document that refers to none is rejected, and taken when its parent has come", async () => {
  await using test = await setup();
  await test.sql`update staging.library_books set author_id = 9 where id in (2, 3)`;

  const report = await test.migrate();
  await test.sql`insert into staging.library_authors values (9, 'Late', '1999-01-01')`;
  const retried = await test.run({ tables: ["books"], retryRejects: true });
  await test.migrate({ tables: ["authors"] });
  const taken = await test.migrate({ retryRejects: true });

  assertEquals(counts(report).books, "4 inserted, 2 rejected");
  assertEquals(reasons(report.rejects), { "author_id names no document of authors": ["2", "3"] });
  assertEquals(counts(retried).books, "2 rejected");
  assertEquals(counts(taken), { authors: "", books: "2 inserted" });
  const open = await test.sql`select from landfall.rejects where settled_by is null`;
  assertEquals(open.length, 0);
});

Deno.test("references are followed into arrays and embedded documents", async () => {
  await using test = await setup();
  const oid = (key: string) => `json_build_object('$oid', left(md5('library.authors/${key}'), 24))`;
  await replaceDocument(
    test,
    "library_books",
    "document",
    `(given.document::jsonb || jsonb_build_object(
      'editors', json_build_array(
        json_build_object('role', 'one', 'author', json_build_object('id', ${oid("1")})),
        json_build_object('role', 'two', 'author', json_build_object('id',
          case given.source_key when '4' then ${oid("8")} else ${oid("2")} end)),
        json_build_object('role', 'none')
      ),
      'readers', json_build_array(${oid("1")}, ${oid("3")},
        case given.source_key when '6' then ${oid("8")} end)
    ))::json`,
  );
  await test.sql`
    select landfall.define_documents('library', 'books', 'books', refers_to => ${{
    "author_id": "authors",
    "editors.author.id": "authors",
    "readers": "authors",
    "nowhere.at.all": "authors",
  } as never})`;

  const report = await test.migrate();

  assertEquals(counts(report).books, "4 inserted, 2 rejected");
  assertEquals(reasons(report.rejects), {
    "editors.author.id names no document of authors": ["4"],
    "readers names no document of authors": ["6"],
  });
});

Deno.test("a row that is rejected since keeps its document", async () => {
  await using test = await withRules();
  await test.sql`update staging.library_books set pages = 7 where pages <= 0`;
  await test.migrate({ ruleActions: { twice: "off" } });
  const before = test.contents();
  await test.sql`update staging.library_books set pages = 0, title = 'New' where id = 3`;

  const report = await test.migrate({ ruleActions: { twice: "off" } });

  assertEquals(reasons(report.rejects), { "it has no pages": ["3"] });
  assertEquals(test.contents(), before);
});

async function withRules(): Promise<Setup> {
  const test = await setup();
  await test.sql`update staging.library_books set pages = 0 where id = 1`;
  await test.sql`
    select
      landfall.define_rule('library', 'books', 'pages', 'reject', 'it has no pages',
        condition => 'pages > 0'),
      landfall.define_rule('library', 'books', 'twice', 'reject', 'it is doubled',
        query => 'select id::text as source_key from staging.library_books where id < 3'),
      landfall.define_rule('library', 'books', 'dear', 'finding', 'it is dear',
        condition => 'pages < 105'),
      landfall.define_rule('library', 'books', 'rare', 'finding', 'it is rare',
        query => 'select 4 as source_key')`;
  return test;
}

/** Has the books divide by their pages. */
async function divide(test: Setup): Promise<void> {
  await replaceDocument(
    test,
    "library_books",
    "document",
    `(given.document::jsonb || jsonb_build_object('rate', json_build_object('$numberInt',
      (1000 / given.pages)::text)))::json`,
  );
}

/** Puts a view over a transform that computes its document anew. */
async function replaceDocument(
  { sql }: Setup,
  view: string,
  column: string,
  expression: string,
): Promise<void> {
  await sql.unsafe(`
    alter view transform.${view} rename to ${view}_given;
    create view transform.${view} with (security_invoker = true) as
    select given.source_key, given.source_row, given.pages, ${expression} as ${column}
    from transform.${view}_given as given;
    select landfall.close_doors();`);
}
