import { LandfallError } from "../errors.ts";
import { settings } from "../settings.ts";
import type { DocumentSink } from "./document_sink.ts";

/**
 * Opens the database that documents go to: the one that LANDFALL_MONGODB_URL names.
 *
 * @throws LF006 when nothing is set or the URL makes no sense, LF015 when it cannot be reached.
 */
export async function openSink(): Promise<DocumentSink> {
  const { mongodbUrl } = settings();
  if (mongodbUrl === undefined) {
    throw new LandfallError("LF006", "LANDFALL_MONGODB_URL is not set", {
      details: "It tells the functions which MongoDB the documents go to.",
      hint:
        "Set it: supabase secrets set LANDFALL_MONGODB_URL=mongodb://… , or for the local stack " +
        "in the environment of deno task start.",
    });
  }
  // only a call about documents needs the driver
  const { openMongo } = await import("./open_mongo.ts");
  return await openMongo(mongodbUrl);
}
