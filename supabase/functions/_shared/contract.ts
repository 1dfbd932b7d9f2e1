import { z } from "zod";

export { z };

const atLeast = (least: number) => {
  const message = `must be a whole number of at least ${least}`;
  return z.int(message).min(least, message);
};
const yesOrNo = z.boolean("must be true or false").optional();
const share = "must be a number such as 100 or a percentage such as 5%";
const pipeline = z.string("must be the name of a pipeline").min(1, "must not be empty").optional();
const runId = atLeast(1).optional();
const tables = z.array(z.string("must be a name"), "must be a list of names")
  .min(1, "must name a table").optional();
const requestedBy = z.string("must be a text").max(200, "must have at most 200 characters")
  .optional();

/** What a run can be told, whatever the pipeline. Descriptions are the command line's help. */
const runOptions = {
  dryRun: yesOrNo.describe("do everything, report, and write nothing"),
  batchSize: atLeast(1).max(100_000, "must be at most 100000").optional()
    .describe("source rows in a batch (default: adapts, about a second's work)"),
  workers: atLeast(1).max(16, "must be at most 16").optional()
    .describe("batches that are worked on at the same time (default: 2)"),
  tables: tables.describe("only these entities; their parents must be migrated already"),
  limit: atLeast(1).optional().describe("at most so many source rows of each entity"),
  skipValidation: yesOrNo
    .describe("leave out the author's rules; the database's constraints always hold"),
  onExisting: z.enum(["reject", "keep", "update"], "must be reject, keep or update").optional()
    .describe("a target row that is there already and is not ours (default: reject)"),
  maxRejects: z.union([z.int().min(0, share), z.string().regex(/^\d+(\.\d+)?%?$/, share)], share)
    .optional().meta({ placeholder: "N|p%" })
    .describe("stop when more rows are rejected than this number or percentage"),
  retryRejects: yesOrNo.describe("take only the rows that earlier runs rejected"),
  prune: yesOrNo
    .describe("delete the rows whose source keys have vanished; before images are kept"),
  pauseMs: atLeast(0).max(60_000, "must be at most 60000").optional()
    .describe("milliseconds to wait between batches"),
  source: z.string("must be the name of a table").min(1, "must not be empty").optional()
    .meta({ placeholder: "SCHEMA.TABLE" })
    .describe("the table to read, when it is not found by itself"),
  ruleActions: z.record(
    z.string(),
    z.enum(["reject", "finding", "off"], "must be reject, finding or off"),
    "must be an object of rule names",
  ).optional().meta({ placeholder: "RULE=ACTION,…" })
    .describe("what befalls a row that breaks a rule: reject, finding or off"),
  requestedBy: requestedBy.describe("who asks for the run, kept with it"),
};

const unlessStopped = yesOrNo
  .describe("continue the run only if nobody has paused or cancelled it meanwhile");

/** A run of any pipeline is started with a pipeline, or continued with a run's id. */
export const MigrateRequest = z.strictObject({
  pipeline: pipeline.describe("the pipeline to run"),
  ...runOptions,
  runId: runId.describe("continue this run instead of starting one"),
  unlessStopped,
}).check(startsOrContinues(["pipeline"]), (context) => {
  const { pipeline, runId } = context.value;
  if (pipeline === undefined && runId === undefined) {
    refuse(context, "pipeline", "is missing: name the pipeline to run, or a run to continue");
  }
});

/** The same for the key-value store's own pipeline. */
export const MigrateKvRequest = z.strictObject({
  ...runOptions,
  source: runOptions.source.describe("the store's table, when there are several"),
  unlisted: z.enum(["load", "skip"], "must be load or skip").optional()
    .describe("records that stand in no list (default: load)"),
  runId: runId.describe("continue this run instead of starting one"),
  unlessStopped,
}).check(startsOrContinues([]), (context) => {
  const { unlisted, ruleActions } = context.value;
  if (unlisted !== undefined && ruleActions?.unlisted !== undefined) {
    refuse(context, "unlisted", "says the same as ruleActions.unlisted: give one of them");
  }
});

/** One run, to be paused or cancelled. */
export const RunRequest = z.strictObject({
  runId: atLeast(1).describe("the run"),
});

/** A run to be rolled back, or without `confirm` only a preview of that. */
export const RollbackRequest = z.strictObject({
  runId: atLeast(1).describe("the run to undo"),
  confirm: yesOrNo.describe("undo it; without this flag a preview, which changes nothing"),
  tables: tables.describe("only these entities"),
  force: yesOrNo.describe("undo rows that were changed since, too"),
  anyOrder: yesOrNo
    .describe("although newer runs have written the same tables; rows they changed stay"),
  requestedBy: requestedBy.describe("who asks for the roll-back, kept with it"),
});

/** A pipeline, or what one run has written, to be verified; or a verification to continue. */
export const VerifyRequest = z.strictObject({
  pipeline: pipeline.describe("the pipeline to verify"),
  runId: runId.describe("verify only what this run has written"),
  tables: tables.describe("only these entities"),
  samples: atLeast(1).max(100, "must be at most 100").optional()
    .describe("how many differences of a kind to show (default: 5)"),
  allowUnknown: yesOrNo
    .describe("target rows that no run has written are no difference: the app writes there, too"),
  requestedBy: requestedBy.describe("who asks for the verification, kept with it"),
  verificationId: atLeast(1).optional()
    .describe("continue this verification instead of starting one"),
}).check((context) => {
  const { pipeline, runId, verificationId } = context.value;
  if (verificationId !== undefined) {
    for (const field of Object.keys(context.value)) {
      if (field === "verificationId") continue;
      refuse(context, field, "cannot be given with a verification to continue: it keeps its own");
    }
  } else if (pipeline === undefined && runId === undefined) {
    refuse(context, "pipeline", "is missing: name the pipeline to verify, or a run");
  } else if (pipeline !== undefined && runId !== undefined) {
    refuse(context, "pipeline", "cannot be given with a run, which has its own: name one of them");
  }
});

/** All pipelines with their runs, one pipeline, or one run. */
export const StatusRequest = z.strictObject({
  pipeline: pipeline.describe("only this pipeline"),
  runId: runId.describe("only this run, with its rejects and findings"),
}).check(startsOrContinues([]));

const count = z.int().min(0);
const nullableText = z.string().nullable();
const sample = z.array(z.string());

const EntityReport = z.looseObject({
  entity: z.string(),
  target: z.string(),
  state: z.string(),
  source: count,
  inserted: count,
  updated: count,
  unchanged: count,
  rejected: count,
  deferred: count,
  pruned: count,
  durationMs: z.number().nullable(),
});

const RunState = z.enum([
  "planned",
  "running",
  "paused",
  "completed",
  "failed",
  "cancelled",
  "rolling_back",
  "rolled_back",
]);

/** Source rows of the whole run. */
const Progress = z.looseObject({ done: count, total: count });

/** Rows that were left, by entity and reason. */
const Leftovers = z.array(z.looseObject({ entity: z.string(), reason: z.string(), count, sample }));

/** One call's work on a run or its roll-back. It is idle when other workers hold all that is left. */
export const AdvanceReport = z.looseObject({
  runId: z.int(),
  state: RunState,
  rows: count,
  idle: z.boolean(),
  ...Progress.shape,
});

/** How a run was rolled back, or in a preview would be. */
export const RollbackReport = z.looseObject({
  runId: z.int(),
  pipeline: z.string(),
  state: RunState,
  preview: z.boolean(),
  force: z.boolean(),
  tables: z.array(z.string()).nullable(),
  requestedBy: z.string(),
  startedAt: z.string(),
  finishedAt: nullableText.optional(),
  durationMs: z.number(),
  newerRuns: z.array(z.looseObject({ runId: z.int(), changed: count })),
  progress: Progress,
  entities: z.array(z.looseObject({
    entity: z.string(),
    target: z.string(),
    deleted: count,
    restored: count,
    rewritten: count,
    released: count,
    left: count,
    durationMs: z.number(),
  })),
  leftovers: Leftovers,
});

const VerificationState = z.enum(["running", "clean", "different"]);

/** What differs, by kind and column. Values are rows' own. */
const Differences = z.array(z.looseObject({
  entity: z.string(),
  kind: z.string(),
  name: z.string(),
  count,
  sample: z.array(z.object({
    sourceKey: nullableText,
    targetKey: nullableText,
    expected: nullableText,
    actual: nullableText,
  })),
}));

/** What a comparison of source and target has found. Sums are decimal numbers. */
export const VerificationReport = z.looseObject({
  verificationId: z.int(),
  pipeline: z.string(),
  runId: z.int().nullable(),
  state: VerificationState,
  startedAt: z.string(),
  finishedAt: nullableText,
  durationMs: z.number(),
  progress: Progress,
  entities: z.array(z.looseObject({
    entity: z.string(),
    target: z.string(),
    source: count,
    migrated: count,
    rejected: count,
    deferred: count,
    kept: count,
    rewritten: count,
    unknown: count,
    sums: z.record(z.string(), z.tuple([z.string(), z.string()])),
    durationMs: z.number(),
  })),
  differences: Differences,
});

/** One call's work on a verification. */
export const VerificationAdvance = z.looseObject({
  verificationId: z.int(),
  state: VerificationState,
  rows: count,
  ...Progress.shape,
});

/**
 * What became of a run, or of a dry run, whose `runId` is null: with the rows that pruning left,
 * how it was rolled back, and the latest verification of it.
 */
export const RunReport = z.looseObject({
  runId: z.int().nullable(),
  pipeline: z.string(),
  state: RunState,
  dryRun: z.boolean(),
  options: z.looseObject({ workers: z.int().optional(), pauseMs: z.int().optional() }),
  requestedBy: z.string(),
  startedAt: nullableText,
  finishedAt: nullableText,
  durationMs: z.number().nullable(),
  estimatedMs: z.number().nullish(),
  error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
  progress: Progress,
  entities: z.array(EntityReport),
  rejects: z.array(z.looseObject({ entity: z.string(), reason: z.string(), count, sample })),
  findings: z.array(z.looseObject({
    entity: z.string(),
    finding: z.string(),
    reason: nullableText,
    count,
    sample,
  })),
  leftovers: Leftovers,
  rollback: RollbackReport.nullable(),
  verification: z.looseObject({
    verificationId: z.int(),
    state: VerificationState,
    finishedAt: nullableText,
    differences: Differences,
  }).nullable(),
});

/** Every pipeline with its entities and its latest runs. */
export const StatusReport = z.looseObject({
  pipelines: z.array(z.looseObject({
    pipeline: z.string(),
    description: z.string(),
    entities: z.array(z.looseObject({
      entity: z.string(),
      target: z.string(),
      migrated: count,
      openRejects: count,
      deferred: count,
    })),
    runs: z.array(z.looseObject({
      runId: z.int(),
      state: RunState,
      startedAt: nullableText,
      finishedAt: nullableText,
      progress: Progress,
    })),
  })),
});

/** PostgREST's shape of a failure, and ours. */
export const FailureReply = z.looseObject({
  code: z.string(),
  message: z.string(),
  details: nullableText.optional(),
  hint: nullableText.optional(),
});

/** Work that has begun: the report of a run, a roll-back or a verification. */
export const BegunReport = z.looseObject({
  runId: z.int().nullish(),
  verificationId: z.int().optional(),
  state: z.string(),
  progress: Progress,
});

/** One line of a streamed reply. The last is a `report` or a `failure`. */
export const StreamEvent = z.discriminatedUnion("event", [
  z.object({ event: z.literal("started"), report: BegunReport }),
  z.object({
    event: z.literal("progress"),
    progress: z.looseObject({ state: z.string(), rows: count, ...Progress.shape }),
  }),
  z.object({ event: z.literal("report"), report: z.unknown() }),
  z.object({ event: z.literal("failure"), failure: FailureReply }),
]);

export type MigrateRequest = z.infer<typeof MigrateRequest>;
export type MigrateKvRequest = z.infer<typeof MigrateKvRequest>;
export type RunRequest = z.infer<typeof RunRequest>;
export type RollbackRequest = z.infer<typeof RollbackRequest>;
export type VerifyRequest = z.infer<typeof VerifyRequest>;
export type StatusRequest = z.infer<typeof StatusRequest>;
export type RunReport = z.infer<typeof RunReport>;
export type AdvanceReport = z.infer<typeof AdvanceReport>;
export type RollbackReport = z.infer<typeof RollbackReport>;
export type VerificationReport = z.infer<typeof VerificationReport>;
export type VerificationAdvance = z.infer<typeof VerificationAdvance>;
export type StatusReport = z.infer<typeof StatusReport>;
export type FailureReply = z.infer<typeof FailureReply>;
export type StreamEvent = z.infer<typeof StreamEvent>;
export type RequestSchema =
  | typeof MigrateRequest
  | typeof MigrateKvRequest
  | typeof RunRequest
  | typeof RollbackRequest
  | typeof VerifyRequest
  | typeof StatusRequest;

/** The functions a caller may name, each with what it takes. */
export const REQUESTS = {
  "migrate-kv": MigrateKvRequest,
  "migrate": MigrateRequest,
  "pause": RunRequest,
  "cancel": RunRequest,
  "rollback": RollbackRequest,
  "verify": VerifyRequest,
  "status": StatusRequest,
} as const satisfies Record<string, RequestSchema>;

export type FunctionName = keyof typeof REQUESTS;

type Check<Value> = z.core.ParsePayload<Value>;

/** A request that names a run has no say in how it was started. */
function startsOrContinues(alsoAllowed: readonly string[]) {
  const allowed = ["runId", "unlessStopped", ...alsoAllowed];
  return (context: Check<{ runId?: number | undefined; unlessStopped?: boolean | undefined }>) => {
    const { runId, unlessStopped } = context.value;
    if (runId === undefined) {
      if (unlessStopped) refuse(context, "unlessStopped", "needs a run to continue");
      return;
    }
    for (const field of Object.keys(context.value)) {
      if (allowed.includes(field)) continue;
      refuse(context, field, "cannot be given with a run to continue: it keeps its options");
    }
  };
}

function refuse<Value>(context: Check<Value>, field: string, message: string): void {
  context.issues.push({ code: "custom", message, path: [field], input: context.value });
}
