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
const sourceCompany = z.array(
  z.string("must be a company's key").min(1, "must not be empty"),
  "must be a list of companies' keys",
).min(1, "must name a company").max(1000, "must have at most 1000 companies").optional()
  .meta({ placeholder: "KEY", repeated: true });
const requestedBy = z.string("must be a text").max(200, "must have at most 200 characters")
  .optional();
const requireSignIn = z.boolean("must be true or false").default(true)
  .describe("link by a confirmed address alone, whether or not its owner has signed in");
const legacyUserId = z.string("must be a text").min(1, "must not be empty")
  .meta({ placeholder: "ID" });
const reason = z.string("must be a text").max(500, "must have at most 500 characters").optional();

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
  keepIndexes: yesOrNo
    .describe("fill empty tables with their indexes and foreign keys in place"),
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

const { source: _, keepIndexes: __, ...forDocuments } = runOptions;

const unlessStopped = yesOrNo
  .describe("continue the run only if nobody has paused or cancelled it meanwhile");

/** A run of any pipeline is started with a pipeline, or continued with a run's id. */
export const MigrateRequest = z.strictObject({
  pipeline: pipeline.describe("the pipeline to run"),
  ...runOptions,
  sourceCompany: sourceCompany.describe("only this company of the source; may be repeated"),
  runId: runId.describe("continue this run instead of starting one"),
  unlessStopped,
}).check(startsOrContinues(["pipeline"]), (context) => {
  const { pipeline, runId } = context.value;
  if (pipeline === undefined && runId === undefined) {
    refuse(context, "pipeline", "is missing: name the pipeline to run, or a run to continue");
  }
});

/** A run of a pipeline that writes documents: everything but companies, stores and indexes. */
export const ExportDocumentsRequest = z.strictObject({
  pipeline: pipeline.describe("the pipeline to export"),
  ...forDocuments,
  maxChildren: atLeast(0).max(100_000, "must be at most 100000").optional()
    .describe("how many children a document embeds at most, where the pipeline splits them"),
  runId: runId.describe("continue this run instead of starting one"),
  unlessStopped,
}).check(startsOrContinues(["pipeline"]), (context) => {
  const { pipeline, runId } = context.value;
  if (pipeline === undefined && runId === undefined) {
    refuse(context, "pipeline", "is missing: name the pipeline to export, or a run to continue");
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
  sourceCompany: sourceCompany.describe("only the rows of this company; may be repeated"),
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
  sourceCompany: sourceCompany.describe("only the rows of this company; may be repeated"),
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

/** Legacy users are linked to their accounts, and the rows that waited for them are loaded. */
export const ResolveUsersRequest = z.strictObject({
  pipeline: pipeline.describe("only this pipeline"),
  dryRun: runOptions.dryRun,
  requireSignIn,
  workers: runOptions.workers,
  continueRuns: yesOrNo
    .describe("then go on with every run and roll-back that nobody has stopped, too"),
  requestedBy: requestedBy.describe("who asks for it, kept with the links and the runs"),
}).check((context) => {
  const { dryRun, continueRuns } = context.value;
  if (dryRun && continueRuns) {
    refuse(context, "continueRuns", "cannot be given with a dry run: runs that go on write");
  }
});

/** A legacy user and the account that somebody knows to be theirs. */
export const LinkUserRequest = z.strictObject({
  legacyUserId: legacyUserId.describe("the user's id in the old app"),
  supabaseUserId: z.guid("must be the id of an account").meta({ placeholder: "UUID" })
    .describe("the account that is theirs"),
  reason: reason.describe("why, kept with the link"),
  requestedBy: requestedBy.describe("who says so, kept with the link"),
});

/** A legacy user whose link is to be ended, and whose rows are to be taken back. */
export const UnlinkUserRequest = z.strictObject({
  legacyUserId: legacyUserId.describe("the user's id in the old app"),
  dryRun: runOptions.dryRun,
  reason: reason.describe("why, kept with the link that was"),
  requestedBy: requestedBy.describe("who asks for it, kept with the link and the run"),
});

/** How often pg_cron resolves users and continues runs. */
export const ScheduleRequest = z.strictObject({
  every: z.string("must be a text").min(1, "must not be empty").optional()
    .meta({ placeholder: "INTERVAL" })
    .describe("such as '30 seconds', '5 minutes', or five fields of cron (default: '1 minute')"),
  requireSignIn,
});

/** The schedule is ended. */
export const UnscheduleRequest = z.strictObject({});

export type MigrateRequest = z.infer<typeof MigrateRequest>;
export type MigrateKvRequest = z.infer<typeof MigrateKvRequest>;
export type ExportDocumentsRequest = z.infer<typeof ExportDocumentsRequest>;
export type RunRequest = z.infer<typeof RunRequest>;
export type RollbackRequest = z.infer<typeof RollbackRequest>;
export type VerifyRequest = z.infer<typeof VerifyRequest>;
export type StatusRequest = z.infer<typeof StatusRequest>;
export type ResolveUsersRequest = z.infer<typeof ResolveUsersRequest>;
export type LinkUserRequest = z.infer<typeof LinkUserRequest>;
export type UnlinkUserRequest = z.infer<typeof UnlinkUserRequest>;
export type RequestSchema =
  | typeof MigrateRequest
  | typeof MigrateKvRequest
  | typeof ExportDocumentsRequest
  | typeof RunRequest
  | typeof RollbackRequest
  | typeof VerifyRequest
  | typeof StatusRequest
  | typeof ResolveUsersRequest
  | typeof LinkUserRequest
  | typeof UnlinkUserRequest
  | typeof ScheduleRequest
  | typeof UnscheduleRequest;

/** The functions a caller may name, each with what it takes. */
export const REQUESTS = {
  "migrate-kv": MigrateKvRequest,
  "migrate": MigrateRequest,
  "export-documents": ExportDocumentsRequest,
  "pause": RunRequest,
  "cancel": RunRequest,
  "rollback": RollbackRequest,
  "verify": VerifyRequest,
  "status": StatusRequest,
  "resolve-users": ResolveUsersRequest,
  "link-user": LinkUserRequest,
  "unlink-user": UnlinkUserRequest,
  "schedule": ScheduleRequest,
  "unschedule": UnscheduleRequest,
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
