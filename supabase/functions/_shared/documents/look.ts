import type { DocumentSink, Found } from "../sinks/document_sink.ts";

/** Those of some documents that are there, by id. */
export async function look(
  sink: DocumentSink,
  collection: string,
  documents: readonly { readonly id: string }[],
): Promise<Map<string, Found>> {
  const there = new Map<string, Found>();
  if (documents.length === 0) return there;
  for await (const found of sink.look(collection, documents.map(({ id }) => id))) {
    there.set(found.id, found);
  }
  return there;
}
