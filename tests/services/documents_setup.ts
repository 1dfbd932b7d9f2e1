import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { projectFolder } from "../../scripts/stack/local_folder.ts";
import { startFunctions as startStackFunctions } from "../../scripts/stack/functions.ts";
import { temporaryFolder } from "../../scripts/stack/temporary_folder.ts";
import { RunReport, VerificationReport } from "../../supabase/functions/_shared/replies.ts";
import type { BSON } from "../../supabase/functions/_shared/sinks/mongodb.ts";
import { type Setup as FunctionsSetup, setup as startFunctions } from "../functions/setup.ts";
import { listenerOn } from "../support/listener_on.ts";
import { type Mongo, type MongoOptions, startMongo } from "./start_mongo.ts";

/** A stack whose documents go to a server of their own. */
export interface Setup extends FunctionsSetup {
  readonly mongo: Mongo;
  /** Exports a pipeline, which must succeed. */
  export(request: Record<string, unknown>): Promise<RunReport>;
  /** Verifies a pipeline, which must succeed, whatever it finds. */
  verify(pipeline: string): Promise<VerificationReport>;
  /** A collection's documents as the server stores them, no type promoted, by _id. */
  documents(collection: string): Promise<BSON.Document[]>;
}

/** The edge functions in a process of their own, which may be killed. */
export interface Functions {
  call(name: string, request: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Everything that they have logged so far. */
  log(): Promise<string>;
  kill(): Promise<void>;
}

/** How the stack and the server are started. */
export interface SetupOptions extends MongoOptions {
  /** The URL that the functions are given; the server's own unless said. */
  readonly url?: (mongo: Mongo) => string;
  /** A server that runs already, and is not ended with the stack. */
  readonly mongo?: Mongo;
}

/** Starts what a test of documents needs. */
export async function setup(
  { url = ({ url }) => url, mongo: running, ...options }: SetupOptions = {},
): Promise<Setup> {
  await using starting = new AsyncDisposableStack();
  const mongo = running ?? starting.use(await startMongo(options));
  const stack = starting.use(await startFunctions(null, { LANDFALL_MONGODB_URL: url(mongo) }));
  const started = starting.move();
  const succeed = async (name: string, request: unknown): Promise<unknown> => {
    const response = await stack.call(name, request);
    const reply = await response.json();
    assertEquals(response.status, 200, JSON.stringify(reply));
    return reply;
  };
  return {
    ...stack,
    mongo,
    export: async (request) => RunReport.parse(await succeed("export-documents", request)),
    verify: async (pipeline) => VerificationReport.parse(await succeed("verify", { pipeline })),
    documents: (collection) =>
      mongo.database.collection(collection)
        .find({}, { promoteValues: false }).sort({ _id: 1 }).toArray(),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/**
 * Starts the edge functions of a stack once more, in another process.
 *
 * @param url The URL of the MongoDB that they are given.
 */
export async function moreFunctions(
  { api, database }: Setup,
  url: string,
): Promise<Functions & AsyncDisposable> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await temporaryFolder());
  const service = starting.use(
    await startStackFunctions({
      apiUrl: api.url,
      databaseUrl: database.url,
      keys: api.keys,
      folder: folder.path,
      secrets: { LANDFALL_MONGODB_URL: url },
    }),
  );
  const started = starting.move();
  const apikey = api.keys.secretKey;
  return {
    call: (name, request, headers = {}) =>
      fetch(`${service.url}/${name}`, {
        method: "POST",
        headers: { apikey, ...headers },
        body: JSON.stringify(request),
      }),
    log: () => Deno.readTextFile(join(folder.path, "functions.log")),
    kill: async () => Deno.kill(await listenerOn(Number(new URL(service.url).port)), "SIGKILL"),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** Fills the tracker with the demonstration set. */
export async function seed({ sql }: Setup): Promise<void> {
  await sql.unsafe(await Deno.readTextFile(`${projectFolder}/supabase/seed.sql`));
}

/** What became of each entity's rows, in a few words. */
export function counts({ entities }: RunReport): Record<string, string> {
  const names = ["inserted", "updated", "unchanged", "rejected", "pruned"] as const;
  return Object.fromEntries(entities.map((entity) => [
    entity.entity,
    names.flatMap((name) => entity[name] > 0 ? [`${entity[name]} ${name}`] : []).join(", "),
  ]));
}
