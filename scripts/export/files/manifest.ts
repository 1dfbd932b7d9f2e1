/** Rows that a rule keeps out of a file. */
export interface RejectedRows {
  readonly rule: string;
  readonly reason: string;
  readonly rows: number;
}

/** A file of documents. */
export interface ExportedCollection {
  readonly entity: string;
  readonly collection: string;
  /** Its name in the folder. */
  readonly file: string;
  readonly documents: number;
  /** Of the file, compressed or not. */
  readonly bytes: number;
  /** Of the file's bytes, in hexadecimal digits. */
  readonly sha256: string;
  /** Of the documents, whatever their order: equal documents have equal digests. */
  readonly digest: string;
  /** Lists of paths, as `project_id, -created_at`. */
  readonly indexes: readonly string[];
  readonly rejected: readonly RejectedRows[];
}

/** What is in a folder of exported documents. */
export interface Manifest {
  readonly format: "landfall documents 1";
  readonly pipeline: string;
  /** The moment of all the documents, as ISO 8601. */
  readonly at: string;
  readonly maxChildren: number | null;
  readonly collections: readonly ExportedCollection[];
}
