/** A document as canonical Extended JSON, parsed. */
export type ExtendedJson = Readonly<Record<string, unknown>>;

/** A document that is there. */
export interface Found {
  /** 24 hexadecimal digits, or canonical Extended JSON where it is no ObjectId. */
  readonly id: string;
  /** As the engine's SQL would compute it of the same document. */
  readonly hash: string;
  /** The document to the byte, as base64. */
  bson(): string;
  /** Its bytes, for a write that is to happen only when nobody has changed them meanwhile. */
  readonly seen: Uint8Array;
  /** How many items there are in the arrays at a path, such as `comments` or `user.roles`. */
  count(path: string): number;
  /** Its fields as the engine's SQL writes them, for a comparison. */
  fields(): Map<string, string>;
}

/** What a document is to become. Ids are 24 hexadecimal digits. */
export type Write =
  | { readonly kind: "insert"; readonly id: string; readonly document: ExtendedJson }
  | {
    readonly kind: "replace";
    readonly id: string;
    readonly over: Found;
    readonly document: ExtendedJson;
  }
  | { readonly kind: "delete"; readonly id: string; readonly over: Found }
  /** What stood there before is put back: over what is there, or where nothing is. */
  | { readonly kind: "restore"; readonly id: string; readonly over?: Found; readonly bson: string };

/** Why a write was not done. A conflict means that somebody else has written the document since. */
export type Failure =
  | { readonly kind: "conflict" }
  | { readonly kind: "refused"; readonly reason: string; readonly details: string };

/** A collection with the indexes it should have: lists of paths, as `project_id, -created_at`. */
export interface Collection {
  readonly collection: string;
  readonly indexes: readonly string[];
}

/**
 * Where documents go. Whatever is written is acknowledged by a majority before a call returns.
 *
 * All calls throw LF015 when the database cannot be reached, and LF016 when it refuses a call as a
 * whole.
 */
export interface DocumentSink extends AsyncDisposable {
  /** Makes the collections and indexes that are not there yet. */
  prepare(collections: readonly Collection[]): Promise<void>;
  /** Those of some documents that are there, in any order. */
  look(collection: string, ids: readonly string[]): AsyncIterable<Found>;
  /** Writes what it can, in any order, and returns what it could not, by id. */
  write(collection: string, writes: readonly Write[]): Promise<Map<string, Failure>>;
  /** The collection's next ids in order, those that are no ObjectIds as Extended JSON. */
  idsAfter(collection: string, after: string | null, most: number): Promise<string[]>;
}
