import { redact } from "../core/redact.ts";
import { LandfallError } from "../errors.ts";
import type { DocumentSink } from "./document_sink.ts";
import { MongoSink } from "./mongo_sink.ts";
import { type Db, MongoAPIError, MongoClient, ReadConcern } from "./mongodb.ts";

const PATIENCE_MS = 5_000;
/** Of a write that waits for the majority, or a server that has stopped without a word. */
const SILENCE_MS = 20_000;

/**
 * Opens a MongoDB by the official driver. Every write waits for a majority; what may pass is
 * repeated for some seconds.
 *
 * @param url With the database's name as its path.
 * @throws LF006 for a URL that makes no sense, LF015 when nothing answers or the user is refused.
 */
export async function openMongo(url: string): Promise<DocumentSink> {
  const { client, database } = read(url);
  const { srvHost, hosts } = client.options;
  const place = `${srvHost ?? hosts.map(String).join(", ")}/${database.databaseName}`;
  const sink = new MongoSink(client, database, place);
  try {
    await sink.attempt(() => database.command({ ping: 1 }));
  } catch (error) {
    await client.close();
    throw wrongUrl((error as LandfallError).cause) ?? error;
  }
  return sink;
}

function read(url: string): { client: MongoClient; database: Db } {
  try {
    const client = new MongoClient(url, {
      appName: "landfall",
      serverSelectionTimeoutMS: PATIENCE_MS,
      connectTimeoutMS: PATIENCE_MS,
      socketTimeoutMS: SILENCE_MS,
      // as the driver does by itself where it knows a function from a server: a primary that has
      // stepped down is asked again at once, and not when it thinks of telling
      serverMonitoringMode: "poll",
      ignoreUndefined: false,
    });
    // here, since what the URL says goes before what the client is told
    const database = client.db(client.options.dbName, {
      writeConcern: { w: "majority", wtimeoutMS: SILENCE_MS / 2 },
      readConcern: new ReadConcern("majority"),
      readPreference: "primary",
    });
    if (/^[^?]*\/\/[^/]*\/[^/?]+/.test(url)) return { client, database };
  } catch (error) {
    throw malformed(error);
  }
  throw new LandfallError("LF006", "The URL of the MongoDB names no database", {
    hint: "Write mongodb://user:password@host:27017/database.",
  });
}

/** What only shows when the driver connects: an option it has no means for, a file that is not there. */
function wrongUrl(error: unknown): LandfallError | undefined {
  const { syscall } = error as { syscall?: string };
  return error instanceof MongoAPIError || syscall === "open" ? malformed(error) : undefined;
}

function malformed(error: unknown): LandfallError {
  const { name, message } = error as Error;
  return new LandfallError("LF006", "The URL of the MongoDB makes no sense", {
    details: redact(`${name}: ${message}`),
    hint: "Write mongodb://user:password@host:27017/database, or mongodb+srv://…; percent-encode " +
      "what is no letter or digit in the password.",
    cause: error,
  });
}
