import { AdvanceReport, Difference, VerificationAdvance } from "./replies.ts";
import { z } from "./requests.ts";

const count = z.int().min(0);
const nullableText = z.string().nullable();
const hash = z.string();

/** A batch of documents to be written. The documents are canonical Extended JSON. */
const DocumentBatch = z.looseObject({
  entityId: z.int(),
  seq: z.int(),
  token: z.string(),
  collection: z.string(),
  onExisting: z.enum(["reject", "keep", "update"]),
  operations: z.array(z.object({
    sourceKey: z.string(),
    id: z.string(),
    hash,
    attempted: z.array(hash),
    noted: z.boolean(),
    known: z.boolean(),
    pending: z.boolean(),
    reasons: z.array(z.string()),
    ours: z.array(hash),
    document: z.record(z.string(), z.unknown()),
  })),
});

/** Documents whose source is gone, to be deleted. */
const DocumentPrune = z.looseObject({
  entityId: z.int(),
  collection: z.string(),
  operations: z.array(z.object({
    sourceKey: z.string(),
    id: z.string(),
    adopted: z.boolean(),
    ours: z.array(hash),
    noted: z.boolean(),
  })),
});

/** What a worker is given to do for a run that writes documents; null where there is nothing. */
export const DocumentWork = z.looseObject({
  ...AdvanceReport.shape,
  batch: DocumentBatch.nullable(),
  prune: DocumentPrune.nullable(),
});

/** Documents that a roll-back is to undo, in one phase of one entity. */
export const DocumentUndo = z.looseObject({
  entityId: z.int(),
  entity: z.string(),
  collection: z.string(),
  phase: z.enum(["put back", "undo"]),
  after: nullableText,
  reached: z.string(),
  force: z.boolean(),
  operations: z.array(z.object({
    sourceKey: z.string(),
    id: z.string(),
    ours: z.array(hash),
    beforeHashes: z.array(hash),
    before: nullableText,
    action: z.enum(["delete", "restore", "reinsert", "release"]),
    left: nullableText,
  })),
});

/** What a worker is given to undo. */
export const UndoWork = z.looseObject({
  ...AdvanceReport.shape,
  undo: DocumentUndo.nullable(),
});

/** Documents of an entity that an export would write. */
export const DocumentPreview = z.looseObject({
  collection: z.string(),
  rows: count,
  to: nullableText,
  documents: z.array(z.object({
    sourceKey: z.string(),
    id: z.string(),
    hash,
    known: z.boolean(),
    ours: z.array(hash),
  })),
});

/** A collection of a pipeline, with the entity that fills it. */
export const DocumentCollections = z.array(z.object({
  entity: z.string(),
  entityId: z.int(),
  collection: z.string(),
  indexes: z.array(z.string()),
}));

/** Documents that a worker is to compare: in phase rows those listed, in phase table all ids. */
const DocumentPage = z.looseObject({
  entityId: z.int(),
  collection: z.string(),
  phase: z.enum(["rows", "table"]),
  after: nullableText,
  paths: z.array(z.string()),
  secret: z.boolean(),
  to: nullableText.optional(),
  source: count.optional(),
  migrated: count.optional(),
  rejected: count.optional(),
  kept: count.optional(),
  documents: z.array(z.object({
    sourceKey: z.string(),
    id: z.string(),
    hash,
    asWritten: z.boolean(),
  })).optional(),
  differences: z.array(Difference).optional(),
});

/** What a worker is given to compare. */
export const VerificationWork = z.looseObject({
  ...VerificationAdvance.shape,
  options: z.looseObject({ samples: z.int().optional(), allowUnknown: z.boolean().optional() }),
  wholePipeline: z.boolean(),
  page: DocumentPage.nullable(),
});

export type DocumentBatch = z.infer<typeof DocumentBatch>;
export type DocumentPrune = z.infer<typeof DocumentPrune>;
export type DocumentWork = z.infer<typeof DocumentWork>;
export type DocumentUndo = z.infer<typeof DocumentUndo>;
export type UndoWork = z.infer<typeof UndoWork>;
export type DocumentPreview = z.infer<typeof DocumentPreview>;
export type DocumentCollections = z.infer<typeof DocumentCollections>;
export type DocumentPage = z.infer<typeof DocumentPage>;
export type VerificationWork = z.infer<typeof VerificationWork>;
