import {
  documentOf,
  foundDocument,
} from "../../supabase/functions/_shared/sinks/found_document.ts";
import { fromExtendedJson } from "../../supabase/functions/_shared/sinks/from_extended_json.ts";
import { BSON } from "../../supabase/functions/_shared/sinks/mongodb.ts";
import type {
  DocumentSink,
  Failure,
  Found,
  Write,
} from "../../supabase/functions/_shared/sinks/document_sink.ts";

/** Documents in memory, as BSON, to be looked at and tampered with by a test. */
export interface MemorySink extends DocumentSink {
  readonly collections: Map<string, Map<string, Uint8Array>>;
  /** Is called before each write, and may throw, as a connection that breaks. */
  beforeWrite: (write: Write) => void;
  /** Says why a document is refused, as a validator would. */
  refuse: (collection: string, document: BSON.Document) => string | undefined;
}

/** Makes a sink that keeps documents in memory, and writes them as MongoDB would. */
export function memorySink(): MemorySink {
  const collections = new Map<string, Map<string, Uint8Array>>();
  const of = (name: string) => {
    const known = collections.get(name) ?? new Map<string, Uint8Array>();
    collections.set(name, known);
    return known;
  };
  const sink: MemorySink = {
    collections,
    beforeWrite: () => {},
    refuse: () => undefined,
    prepare: (wanted) => {
      for (const { collection } of wanted) of(collection);
      return Promise.resolve();
    },
    async *look(collection, ids) {
      for (const id of ids) {
        BSON.ObjectId.createFromHexString(id);
        const bytes = of(collection).get(id);
        if (bytes) yield foundDocument(bytes);
      }
    },
    write: (collection, writes) => {
      const failures = new Map<string, Failure>();
      for (const write of writes) {
        sink.beforeWrite(write);
        const failure = apply(of(collection), write, (it) => sink.refuse(collection, it));
        if (failure) failures.set(write.id, failure);
      }
      return Promise.resolve(failures);
    },
    idsAfter: (collection, after, most) => {
      const ids = [...of(collection).keys()].sort().filter((id) => after === null || id > after);
      return Promise.resolve(ids.slice(0, most));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return sink;
}

function apply(
  documents: Map<string, Uint8Array>,
  write: Write,
  refuse: (document: BSON.Document) => string | undefined,
): Failure | undefined {
  const over: Found | undefined = write.kind === "insert" ? undefined : write.over;
  const there = documents.get(write.id);
  const seen = there && foundDocument(there).hash;
  if (write.kind === "delete") {
    if (there && seen !== over?.hash) return { kind: "conflict" };
    documents.delete(write.id);
    return;
  }
  const document = write.kind === "restore"
    ? documentOf(write.bson)
    : fromExtendedJson(write.document) as BSON.Document;
  const bytes = BSON.serialize(document, { ignoreUndefined: false });
  if (seen !== over?.hash) {
    // what another worker has made of it already is as good
    return over && seen === foundDocument(bytes).hash ? undefined : { kind: "conflict" };
  }
  const reason = refuse(document);
  if (reason !== undefined) return { kind: "refused", reason, details: "" };
  documents.set(write.id, bytes);
}
