import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { openMongo } from "../../supabase/functions/_shared/sinks/open_mongo.ts";

/** Opens a URL, which must fail without a word of its password. */
async function failure(url: string): Promise<LandfallError> {
  const error = await assertRejects(() => openMongo(url), LandfallError, undefined, url);
  const told = JSON.stringify(error);
  assert(!/s3c|ret\b/.test(told), told);
  return error;
}

Deno.test("openMongo() refuses a URL that makes no sense, and does not repeat its password (LF006)", async () => {
  for (
    const url of [
      "mongodb://me:s3c:ret@127.0.0.1:1/app",
      "mongodb://me:s3c@ret@127.0.0.1:1/app",
      "mongodb://me:s3c/ret@127.0.0.1:1/app",
      "mongodb://me:12/s3cret@127.0.0.1:1/app",
      "mongodb://me:s3c?ret@127.0.0.1:1/app",
      "mongodb://me:s3c%zzret@127.0.0.1:1/app",
      "mongodb//me:s3cret@127.0.0.1/app",
      "http://me:s3cret@127.0.0.1/app",
      "me:s3cret@127.0.0.1/app",
      '"mongodb://me:s3cret@127.0.0.1:1/app"',
      "mongodb://me:s3cret@/app",
      "mongodb://me:s3cret@127.0.0.1:99999/app",
      "mongodb://me:s3cret@127.0.0.1:1/a.b",
      "mongodb://me:s3cret@127.0.0.1:1/app?safe=perhaps",
      "mongodb://me:s3cret@127.0.0.1:1/app?tls=true&tlsCAFile=/no/such/file.pem",
      "mongodb://127.0.0.1:1/app?authMechanism=SCRAM-SHA-256",
      "mongodb+srv://me:s3cret@cluster.example.invalid:27017/app",
    ]
  ) {
    const { code, message } = await failure(url);

    assertEquals([code, message], ["LF006", "The URL of the MongoDB makes no sense"], url);
  }
});

Deno.test("openMongo() wants the database's name, whatever else the URL says (LF006)", async () => {
  for (
    const url of [
      "mongodb://me:s3cret@127.0.0.1:1",
      "mongodb://me:s3cret@127.0.0.1:1/",
      "mongodb://me:s3cret@127.0.0.1:1,127.0.0.1:2/?replicaSet=rs0&w=majority",
      "mongodb://127.0.0.1:1/?appName=a/b",
      "mongodb+srv://me:s3cret@cluster.example.invalid",
      "mongodb+srv://me:s3cret@cluster.example.invalid/?retryWrites=true",
    ]
  ) {
    const { code, message } = await failure(url);

    assertEquals([code, message], ["LF006", "The URL of the MongoDB names no database"], url);
  }
});

Deno.test("openMongo() says where nothing answers (LF015)", async () => {
  for (
    const [url, place] of [
      ["mongodb+srv://me:s3cret@cluster.example.invalid/app?w=majority", "cluster.example.invalid"],
      ["mongodb://me:s3cret@127.0.0.1:1,127.0.0.1:2/app?tls=false", "127.0.0.1:1, 127.0.0.1:2"],
    ] as const
  ) {
    const { code, message } = await failure(url);

    assertEquals(code, "LF015", url);
    assertStringIncludes(message, `MongoDB at ${place}/app cannot be reached`);
  }
});
