import { createHash } from "node:crypto";
import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import type { Output } from "../../files/open_output.ts";
import { LineDigest } from "./line_digest.ts";

/** What was written to a file. */
export interface WrittenDocuments {
  readonly documents: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly digest: string;
}

/**
 * Writes lines of documents to a file, as fast as it takes them, and digests both on the way.
 *
 * @param lines The lines' bytes, in pieces of any size. They have ended when this has.
 * @throws LF011 for a row without a document.
 */
export async function writeDocuments(
  lines: AsyncGenerator<Uint8Array>,
  output: Output,
  { collection, gzip, signal }: { collection: string; gzip: boolean; signal: AbortSignal },
): Promise<WrittenDocuments> {
  const documents = new LineDigest();
  const file = createHash("sha256");
  let bytes = 0;

  async function* counted(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for await (const piece of lines) {
      signal.throwIfAborted();
      documents.update(piece);
      yield piece as Uint8Array<ArrayBuffer>;
    }
  }
  const pieces = gzip
    ? ReadableStream.from(counted()).pipeThrough(new CompressionStream("gzip"))
    : counted();
  try {
    for await (const piece of pieces) {
      file.update(piece);
      bytes += piece.length;
      await output.write(piece);
    }
  } finally {
    // a compression that is given up does not wait for what it reads
    await lines.return(undefined);
  }
  if (documents.empty > 0) {
    throw new LandfallError("LF011", `A document of ${collection} cannot be made`, {
      details: `It is null, for ${documents.empty} of them.`,
      hint: "Mend the view: a null in one of the parts of a text makes all of it null.",
    });
  }
  return {
    documents: documents.lines,
    bytes,
    sha256: file.digest("hex"),
    digest: documents.digest,
  };
}
