import { assertEquals } from "@std/assert";
import { RunReport, VerificationReport } from "../../supabase/functions/_shared/replies.ts";
import type { BSON } from "../../supabase/functions/_shared/sinks/mongodb.ts";
import { type Setup as FunctionsSetup, setup as startFunctions } from "../functions/setup.ts";
import { type Mongo, type MongoOptions, startMongo } from "./start_mongo.ts";

/** A stack whose documents go to a server of their own. */
export interface Setup extends AsyncDisposable, Pick<FunctionsSetup, "sql" | "api" | "call"> {
  readonly mongo: Mongo;
  /** Exports a pipeline, which must succeed. */
  export(request: Record<string, unknown>): Promise<RunReport>;
  /** Verifies a pipeline, which must succeed, whatever it finds. */
  verify(pipeline: string): Promise<VerificationReport>;
  /** A collection's documents as the server stores them, no type promoted, by _id. */
  documents(collection: string): Promise<BSON.Document[]>;
}

/** How the stack and the server are started. */
export interface SetupOptions extends MongoOptions {
  /** The URL that the functions are given; the server's own unless said. */
  readonly url?: (mongo: Mongo) => string;
}

/** Starts what a test of documents needs. */
export async function setup(
  { url = ({ url }) => url, ...options }: SetupOptions = {},
): Promise<Setup> {
  await using starting = new AsyncDisposableStack();
  const mongo = starting.use(await startMongo(options));
  const stack = starting.use(await startFunctions(null, { LANDFALL_MONGODB_URL: url(mongo) }));
  const running = starting.move();
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
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** What became of each entity's rows, in a few words. */
export function counts({ entities }: RunReport): Record<string, string> {
  const names = ["inserted", "updated", "unchanged", "rejected", "pruned"] as const;
  return Object.fromEntries(entities.map((entity) => [
    entity.entity,
    names.flatMap((name) => entity[name] > 0 ? [`${entity[name]} ${name}`] : []).join(", "),
  ]));
}
