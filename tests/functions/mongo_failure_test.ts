import { assertEquals, assertRejects } from "@std/assert";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import {
  type Db,
  MongoBulkWriteError,
  type MongoClient,
} from "../../supabase/functions/_shared/sinks/mongodb.ts";
import { MongoSink } from "../../supabase/functions/_shared/sinks/mongo_sink.ts";

/** A sink whose server refuses the only write of every call; a server that is full is hard to get. */
function sinkThatRefuses(code: number): { sink: MongoSink; calls: () => number } {
  let calls = 0;
  const database = {
    collection: () => ({
      bulkWrite: () => {
        calls++;
        const refused = { index: 0, code, errmsg: "no", err: {} };
        const result = { matchedCount: 0, deletedCount: 0, getWriteConcernError: () => undefined };
        throw new MongoBulkWriteError(
          { message: "no", code, writeErrors: [refused] } as never,
          result as never,
        );
      },
    }),
  };
  const sink = new MongoSink({} as MongoClient, database as unknown as Db, "host/app");
  return { sink, calls: () => calls };
}

const INSERT = { kind: "insert", id: "a".repeat(24), document: {} } as const;

Deno.test("a full disk, or a plan that is used up, rejects no document and ends the call (LF016)", async () => {
  for (const code of [14031, 8000]) {
    const { sink, calls } = sinkThatRefuses(code);

    const error = await assertRejects(() => sink.write("books", [INSERT]), LandfallError);

    assertEquals([error.code, calls()], ["LF016", 1]);
  }
});

Deno.test("a server that steps down between two writes of a call is asked again (LF015)", async () => {
  const { sink, calls } = sinkThatRefuses(11602);

  const error = await assertRejects(() => sink.write("books", [INSERT]), LandfallError);

  assertEquals([error.code, calls()], ["LF015", 4]);
});

Deno.test("any other refusal of a write is the document's own", async () => {
  const { sink } = sinkThatRefuses(2);

  const failures = await sink.write("books", [INSERT]);

  assertEquals([...failures.values()], [
    { kind: "refused", reason: "MongoDB refuses it with code 2", details: "no" },
  ]);
});
