import { assertEquals, assertStringIncludes } from "@std/assert";
import { RollbackReport } from "../../supabase/functions/_shared/replies.ts";
import { BSON } from "../../supabase/functions/_shared/sinks/mongodb.ts";
import { aLibrary, idOf } from "../support/library.ts";
import { runScript } from "../scripts/run_script.ts";
import { fillTracker, manyComments, oneTask } from "../support/tracker_source.ts";
import { counts, seed, setup } from "./documents_setup.ts";

Deno.test("the demonstration set becomes documents, and a second export writes nothing", async () => {
  await using test = await setup();
  await seed(test);

  const first = await test.export({ pipeline: "tracker" });
  const second = await test.export({ pipeline: "tracker" });

  assertEquals(counts(first), {
    users: "12 inserted",
    organizations: "3 inserted",
    projects: "8 inserted",
    tasks: "25 inserted",
    task_comments: "",
  });
  assertEquals(counts(second), {
    users: "12 unchanged",
    organizations: "3 unchanged",
    projects: "8 unchanged",
    tasks: "25 unchanged",
    task_comments: "",
  });
  const { state, differences, entities } = await test.verify("tracker");
  assertEquals({ state, differences }, { state: "clean", differences: [] });
  assertEquals(entities.find(({ entity }) => entity === "tasks")!.sums, {
    labels: ["34", "34"],
    comments: ["36", "36"],
    assignees: ["50", "50"],
  });
});

Deno.test("what changes in the tracker is followed, and undone to the byte, run by run", async () => {
  await using test = await setup();
  await seed(test);
  const names = ["users", "organizations", "projects", "tasks", "task_comments"];
  const everything = async () =>
    await Promise.all(
      names.map(async (name) =>
        await test.mongo.database.collection(name).find({}, { raw: true }).sort({ _id: 1 })
          .toArray()
      ),
    );
  const first = await test.export({ pipeline: "tracker" });
  const before = await everything();
  const [one, two, three] = await test.sql`select id from tracker.tasks order by id limit 3`;
  await test.sql`update tracker.tasks set title = 'Renamed' where id = ${one!.id}`;
  await test.sql`
    insert into tracker.comments (task_id, user_id, content)
    select ${two!.id}, id, 'New' from tracker.users limit 1`;
  await test.sql`delete from tracker.tasks where id = ${three!.id}`;
  await test.sql`
    insert into tracker.tasks (project_id, title) select id, 'One more' from tracker.projects limit 1`;

  const second = await test.export({ pipeline: "tracker", prune: true });

  assertEquals(counts(second).tasks, "1 inserted, 2 updated, 22 unchanged, 1 pruned");
  assertEquals((await test.verify("tracker")).state, "clean");
  const undo = async (runId: number | null) => {
    const undone = await (await test.call("rollback", { runId, confirm: true })).json();
    assertEquals([undone.state, undone.leftovers], ["rolled_back", []]);
  };
  await undo(second.runId);
  assertEquals(await everything(), before);
  await undo(first.runId);
  assertEquals(await everything(), [[], [], [], [], []]);
  const { pipelines } = await (await test.call("status", { pipeline: "tracker" })).json();
  assertEquals(pipelines[0].runs.map(({ state }: { state: string }) => state), [
    "rolled_back",
    "rolled_back",
  ]);
});

Deno.test("a task beyond both limits is split, verified, and whole again when it is within them", async () => {
  await using test = await setup();
  await fillTracker(test.sql, oneTask({ comments: [] }));
  // 40 comments of 500 kB are more than a document can hold, and 1,010 are more than it may
  await manyComments(test.sql, { count: 1_010, content: "short" });
  await manyComments(test.sql, { count: 40, content: 'a "b" ', times: 80_000 });

  await test.export({ pipeline: "tracker" });

  const [task] = await test.documents("tasks");
  const comments = task!.comments as { content: string }[];
  const older = Number(task!.older_comments);
  assertEquals(BSON.calculateObjectSize(task!) < 16 * 1024 * 1024, true);
  assertEquals(comments.length + older, 1_050);
  assertEquals(Number(task!.comment_count), 1_050);
  assertEquals(await test.mongo.database.collection("task_comments").countDocuments(), older);
  assertEquals((await test.verify("tracker")).state, "clean");

  await test.sql`delete from tracker.comments where length(content) > 1000`;
  const { state, rejects } = await test.export({ pipeline: "tracker", prune: true });
  assertEquals({ state, rejects }, { state: "completed", rejects: [] });
  const [again] = await test.documents("tasks");
  assertEquals([again!.comments.length, Number(again!.older_comments)], [1_000, 10]);
  assertEquals((await test.verify("tracker")).state, "clean");
});

Deno.test("what changed is replaced, what is gone is reported and pruned on request", async () => {
  await using test = await setup();
  await aLibrary(test.sql);
  await test.export({ pipeline: "library" });
  await test.sql`update staging.library_books set title = 'New' where id = 1`;
  await test.sql`delete from staging.library_books where id = 2`;

  const kept = await test.export({ pipeline: "library" });
  const rehearsed = await test.export({ pipeline: "library", prune: true, dryRun: true });
  const pruned = await test.export({ pipeline: "library", prune: true });

  assertEquals(counts(kept).books, "1 updated, 10 unchanged");
  assertEquals(kept.findings.map(({ finding, count }) => [finding, count]), [["vanished", 1]]);
  assertEquals(counts(rehearsed).books, "11 unchanged, 1 pruned");
  assertEquals(counts(pruned).books, "11 unchanged, 1 pruned");
  assertEquals((await test.documents("books")).length, 11);
  assertEquals((await test.verify("library")).state, "clean");
});

Deno.test("verify() names what differs in the database, field by field", async () => {
  await using test = await setup();
  await aLibrary(test.sql);
  await test.export({ pipeline: "library" });
  const books = test.mongo.database.collection("books");
  await books.updateOne({ title: "Book 1" }, { $set: { title: "Mine", note: "x" } });
  await books.deleteOne({ title: "Book 2" });
  await books.insertOne({ title: "Unknown" });

  const { state, differences } = await test.verify("library");

  assertEquals(state, "different");
  assertEquals(
    differences.map(({ kind, name, sample: [first] }) => [
      kind,
      name,
      first!.expected,
      first!.actual,
    ]).sort(),
    [
      ["lost", "", null, null],
      ["sum", "chapters", "24", "22"],
      ["unknown", "", null, null],
      ["value", "note", null, '"x"'],
      ["value", "title", '"Book 1"', '"Mine"'],
    ],
  );
});

Deno.test("a roll-back removes what the run inserted, restores to the byte what it replaced, and leaves what changed since", async () => {
  await using test = await setup();
  await aLibrary(test.sql);
  const books = test.mongo.database.collection<{ _id: BSON.ObjectId }>("books");
  const _id = new BSON.ObjectId(await idOf(test.sql, "books", 1));
  // JavaScript's own objects have keys that are whole numbers first, and in order
  const pages = new Map<string, unknown>([["b", null], ["10", [new Map([["2", 1], ["1", 2]])]]]);
  const theirs = {
    z: 1,
    _id,
    a: new BSON.Double(2),
    title: "There before",
    at: new Date(5),
    pages,
  };
  await books.insertOne(theirs as { _id: BSON.ObjectId });
  const bytes = async () => await books.findOne({ _id }, { raw: true }) as unknown as Uint8Array;
  const before = await bytes();
  const { runId } = await test.export({ pipeline: "library", onExisting: "update" });
  assertEquals((await test.documents("books")).length, 12);
  await books.updateOne({ title: "Book 2" } as object, { $set: { title: "Changed" } as object });

  const preview = RollbackReport.parse(await (await test.call("rollback", { runId })).json());
  const undone = RollbackReport.parse(
    await (await test.call("rollback", { runId, confirm: true })).json(),
  );

  assertEquals(undone.state, "rolled_back");
  assertEquals(
    undone.entities.map(({ entity, deleted, restored, left }) => [entity, deleted, restored, left]),
    [["books", 10, 1, 1], ["authors", 3, 0, 0]],
  );
  const told = ({ entities, leftovers }: RollbackReport) => ({
    counts: entities.map(({ deleted, restored, left }) => [deleted, restored, left]),
    leftovers,
  });
  assertEquals(told(preview), told(undone));
  assertEquals(undone.leftovers.map(({ reason }) => reason), ["it was changed since"]);
  assertEquals(await bytes(), before);
  assertEquals((await test.documents("books")).map(({ title }) => title).sort(), [
    "Changed",
    "There before",
  ]);
});

Deno.test("resolve-users goes on with a run of documents that nobody has stopped", async () => {
  await using test = await setup();
  await aLibrary(test.sql);
  await test.sql`select landfall.start_export('library')`;

  const reply = await (await test.call("resolve-users", { continueRuns: true })).json();

  assertEquals(reply.errors, []);
  assertEquals(reply.runs.map(({ state }: { state: string }) => state), ["completed"]);
  assertEquals((await test.documents("books")).length, 12);
});

Deno.test("deno task export documents --to writes from this machine what the function would", async () => {
  await using test = await setup();
  await aLibrary(test.sql);
  const env = {
    SUPABASE_URL: test.api.url,
    SUPABASE_SECRET_KEY: test.api.keys.secretKey,
    LANDFALL_MONGODB_URL: "",
  };

  const run = await runScript(
    "export.ts",
    ["documents", "--pipeline", "library", "--to", test.mongo.url],
    env,
  );
  const dry = await runScript(
    "export.ts",
    ["documents", "--pipeline", "library", "--to", test.mongo.url, "--dry-run", "--json"],
    env,
  );

  assertEquals({ code: run.code, stderr: run.stderr }, { code: 0, stderr: "" });
  assertStringIncludes(run.stdout, "books");
  assertEquals(JSON.parse(dry.stdout).entities.map((it: { unchanged: number }) => it.unchanged), [
    3,
    12,
  ]);
  assertEquals((await test.documents("books")).length, 12);
});
