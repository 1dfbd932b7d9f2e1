import { assertEquals } from "@std/assert";
import { setup } from "./documents.ts";

Deno.test("a roll-back and a verification do not end while another worker settles", async () => {
  await using test = await setup();
  await test.run();
  const { verificationId } = await test.bare.startVerification({ pipeline: "library" }, {});
  await test.bare.startRollback(1, {});

  await test.sql.begin(async (settling) => {
    // as the last of them are settled, their rows are locked
    await settling`update landfall.rollbacks set phase = 'undo'`;
    await settling`update landfall.verified_entities set phase = 'rows'`;

    const undo = await test.bare.takeRollback(1);
    assertEquals([undo.state, undo.idle, undo.undo], ["rolling_back", true, null]);
    const verify = await test.bare.takeVerification(verificationId);
    assertEquals([verify.state, verify.idle, verify.page], ["running", true, null]);
  });
});

Deno.test("a worker of a run that was given up has no say when another run has begun", async () => {
  await using test = await setup();
  await test.run();
  await test.sql`update staging.library_books set title = 'New'`;
  const { runId } = await test.engine.startRun("library", {});
  let work = await test.bare.takeDocuments(runId!, 100);
  while (work.batch === null) work = await test.bare.takeDocuments(runId!, 100);
  await test.engine.cancelRun(runId!);
  await test.run();
  const before = test.contents();
  const rejected = work.batch.operations.map(({ sourceKey, id }) => ({
    sourceKey,
    id,
    reasons: ["too late"],
    details: [],
  }));

  const settled = await test.bare.settleDocuments(
    { ...work.batch, runId: runId! },
    { updated: [], kept: [], rejected },
  );

  assertEquals(settled, false);
  assertEquals(test.contents(), before);
  assertEquals((await test.verify()).state, "clean");
});

Deno.test("two rows of one _id, in batches of several workers at once, are told apart", async () => {
  await using test = await setup({ authors: 1, books: 60 });
  await test.sql.unsafe(`
    create or replace view transform.library_books with (security_invoker = true) as
    select id::text as source_key, to_jsonb(legacy) as source_row, pages,
      json_build_object('_id', json_build_object('$oid', left(md5('x' || id % 30), 24)),
        'title', title) as document
    from staging.library_books as legacy`);

  const { entities } = await test.run({ batchSize: 1, workers: 4 });

  assertEquals(entities.map(({ inserted, rejected }) => [inserted, rejected]), [[1, 0], [30, 30]]);
});
