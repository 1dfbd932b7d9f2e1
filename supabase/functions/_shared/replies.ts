import { z } from "./requests.ts";

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

/** Legacy users that a run's pipeline lists; nameless ones have no id, doubled ones two rows. */
const UserCounts = z.looseObject({
  listed: count,
  added: count,
  changed: count,
  nameless: count,
  doubled: count,
});

/** Companies of the source that a run takes, and those it has stopped taking rows of. */
const RunCompanies = z.looseObject({
  count,
  stopped: z.array(z.looseObject({
    company: z.string(),
    error: z.looseObject({ code: z.string(), message: z.string() }),
  })),
});

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
  documents: z.boolean(),
  state: RunState,
  preview: z.boolean(),
  force: z.boolean(),
  tables: z.array(z.string()).nullable(),
  sourceCompany: z.array(z.string()).nullish(),
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

/** What differs in one way, by kind and column. Values are rows' own. */
export const Difference = z.looseObject({
  kind: z.string(),
  name: z.string(),
  count,
  sample: z.array(z.object({
    sourceKey: nullableText,
    targetKey: nullableText,
    expected: nullableText,
    actual: nullableText,
  })),
});

const Differences = z.array(z.looseObject({ entity: z.string(), ...Difference.shape }));

/** What a comparison of source and target has found. Sums are decimal numbers. */
export const VerificationReport = z.looseObject({
  verificationId: z.int(),
  pipeline: z.string(),
  documents: z.boolean(),
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

/** One call's work on a verification, as that on a run. */
export const VerificationAdvance = z.looseObject({
  verificationId: z.int(),
  state: VerificationState,
  rows: count,
  idle: z.boolean(),
  ...Progress.shape,
});

/**
 * What became of a run, or of a dry run, whose `runId` is null: with the rows that pruning left,
 * how it was rolled back, and the latest verification of it.
 */
export const RunReport = z.looseObject({
  runId: z.int().nullable(),
  pipeline: z.string(),
  documents: z.boolean(),
  state: RunState,
  dryRun: z.boolean(),
  options: z.looseObject({ workers: z.int().optional(), pauseMs: z.int().optional() }),
  requestedBy: z.string(),
  startedAt: nullableText,
  finishedAt: nullableText,
  durationMs: z.number().nullable(),
  estimatedMs: z.number().nullish(),
  error: z.looseObject({ code: z.string(), message: z.string(), hint: z.string().nullish() })
    .nullable(),
  progress: Progress,
  rebuilds: z.array(z.looseObject({ entity: z.string(), kind: z.string(), name: z.string() })),
  users: UserCounts.nullable(),
  companies: RunCompanies.nullable(),
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

/** What became of the legacy users of a pipeline; lists have at most 100 of each kind. */
const UserLinks = z.looseObject({
  pipeline: z.string(),
  linked: count,
  links: z.array(z.looseObject({
    legacyUserId: z.string(),
    supabaseUserId: z.string(),
    address: z.string(),
    evidence: z.string(),
  })),
  shared: z.array(z.looseObject({
    supabaseUserId: z.string(),
    legacyUserIds: z.array(z.string()),
  })),
  ambiguous: z.array(z.looseObject({
    legacyUserId: z.string(),
    address: z.string(),
    accounts: count,
  })),
  waiting: z.looseObject({ users: count, reasons: z.record(z.string(), count) }),
});

/** Legacy users linked, the runs that load their rows, and the pipelines whose run is in the way. */
export const ResolutionReport = z.looseObject({
  dryRun: z.boolean(),
  requireSignIn: z.boolean(),
  users: z.array(UserLinks),
  runs: z.array(RunReport),
  busy: z.array(z.looseObject({ pipeline: z.string(), runId: z.int() })),
});

/** A resolution, how far its runs are, and what kept runs from going on. */
export const ResolveUsersReply = ResolutionReport.extend({
  state: z.enum(["running", "done"]),
  progress: Progress,
  errors: z.array(z.looseObject({
    runId: z.int(),
    code: z.string(),
    message: z.string(),
    details: nullableText,
    hint: nullableText,
  })),
});

/** A link that was made by hand, and how many rows wait to be loaded by it. */
export const LinkReport = z.looseObject({
  legacyUserId: z.string(),
  supabaseUserId: z.string(),
  waiting: count,
});

/** A link that was ended, and the runs that took back what came by it. */
export const UnlinkReport = z.looseObject({
  legacyUserId: z.string(),
  supabaseUserId: z.string(),
  dryRun: z.boolean(),
  runs: z.array(RunReport),
});

/** The schedule and its last tick; runs are the states it left them in, by their ids. */
export const ScheduleReport = z.looseObject({
  scheduled: z.boolean(),
  every: nullableText,
  problem: nullableText,
  last: z.looseObject({
    through: z.enum(["http", "sql"]),
    startedAt: z.string(),
    finishedAt: nullableText,
    state: z.enum(["done", "failed", "waiting for an answer"]),
    linked: count,
    runs: z.array(z.record(z.string(), z.string())),
    errors: z.array(z.looseObject({ code: z.string(), message: z.string() })),
  }).nullable(),
});

/**
 * Every pipeline with its entities, its legacy users and its latest runs; and the schedule. A
 * pipeline that is asked for by its name has the companies of its source, too, where it has such.
 */
export const StatusReport = z.looseObject({
  schedule: ScheduleReport,
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
    leftOut: count,
    users: z.looseObject({ listed: count, resolved: count }).nullable(),
    companies: z.array(z.looseObject({
      company: nullableText,
      name: nullableText,
      state: z.enum(["not migrated", "partly", "migrated"]),
      source: count,
      migrated: count,
      rejected: count,
      deferred: count,
    })).nullable(),
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

/** Work that has begun: the report of a run, a roll-back, a verification or a resolution. */
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

export type RunReport = z.infer<typeof RunReport>;
export type AdvanceReport = z.infer<typeof AdvanceReport>;
export type RollbackReport = z.infer<typeof RollbackReport>;
export type VerificationReport = z.infer<typeof VerificationReport>;
export type VerificationAdvance = z.infer<typeof VerificationAdvance>;
export type ResolutionReport = z.infer<typeof ResolutionReport>;
export type ResolveUsersReply = z.infer<typeof ResolveUsersReply>;
export type LinkReport = z.infer<typeof LinkReport>;
export type UnlinkReport = z.infer<typeof UnlinkReport>;
export type ScheduleReport = z.infer<typeof ScheduleReport>;
export type StatusReport = z.infer<typeof StatusReport>;
export type FailureReply = z.infer<typeof FailureReply>;
export type StreamEvent = z.infer<typeof StreamEvent>;
