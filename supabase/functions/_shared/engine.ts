import type { SupabaseClient } from "@supabase/supabase-js";
import {
  DocumentCollections,
  DocumentPreview,
  DocumentUndo,
  DocumentWork,
  UndoWork,
  VerificationWork,
} from "./document_replies.ts";
import {
  AdvanceReport,
  LinkReport,
  ResolutionReport,
  RollbackReport,
  RunReport,
  ScheduleReport,
  StatusReport,
  UnlinkReport,
  VerificationAdvance,
  VerificationReport,
} from "./replies.ts";
import { type LinkUserRequest, type UnlinkUserRequest, z } from "./requests.ts";
import { LandfallError } from "./errors.ts";
import { engineFailure } from "./engine_failure.ts";

/** What a run, a roll-back or a verification can be told, as the engine's SQL takes it. */
export type RunOptions = Readonly<Record<string, unknown>>;

/** What can be verified: a pipeline, or what one run has written. */
export interface Verifiable {
  readonly pipeline?: string;
  readonly runId?: number;
}

/** Whose users are resolved, and by which evidence. */
export interface Resolvable {
  /** All that list users, when none is named. */
  readonly pipeline?: string | undefined;
  /** Whether an account is trusted only when somebody has signed in to it since it was made. */
  readonly requireSignIn: boolean;
  readonly requestedBy?: string | undefined;
}

/** A batch of documents, and that it is this worker's. */
export interface Lease {
  readonly runId: number;
  readonly entityId: number;
  readonly seq: number;
  readonly token: string;
}

/** The place in a roll-back where some documents come next. */
export interface UndoPlace {
  readonly entityId: number;
  readonly phase: string;
  readonly after: string | null;
}

/** The engine, one method for each function of schema `landfall` that a caller may use. */
export interface Engine {
  /** Plans a run of a pipeline; nothing is written yet. */
  startRun(pipeline: string, options: RunOptions): Promise<RunReport>;
  /** Works on a run for about `budgetMs`. Safe to repeat. */
  advanceRun(runId: number, budgetMs: number): Promise<AdvanceReport>;
  /** Does everything a run would and takes it all back. */
  dryRun(pipeline: string, options: RunOptions): Promise<RunReport>;
  /** Lets a paused or failed run go on; a running one it leaves alone. */
  resumeRun(runId: number): Promise<RunReport>;
  /** Stops a run after the batches being written now; it can be resumed. */
  pauseRun(runId: number): Promise<RunReport>;
  /** Gives up a run after the batches being written now; what it wrote stays. */
  cancelRun(runId: number): Promise<RunReport>;
  /** True for the first who asks at an end of a run, who is to tell people of it. */
  announceRun(runId: number): Promise<boolean>;
  /** The runs and roll-backs that are not over and that nobody has stopped. */
  unstoppedRuns(pipeline?: string): Promise<RunReport[]>;
  /** What became of a run so far. */
  runReport(runId: number): Promise<RunReport>;
  /** Does everything a roll-back of the run would and takes it all back. */
  previewRollback(runId: number, options: RunOptions): Promise<RollbackReport>;
  /** Begins to roll a run back, or joins whoever does so already; nothing is undone yet. */
  startRollback(runId: number, options: RunOptions): Promise<RollbackReport>;
  /** Works on a roll-back for about `budgetMs`. Safe to repeat. */
  advanceRollback(runId: number, budgetMs: number): Promise<AdvanceReport>;
  /** How a run was rolled back so far. */
  rollbackReport(runId: number): Promise<RollbackReport>;
  /** Begins to verify a pipeline, or what one run has written. */
  startVerification(what: Verifiable, options: RunOptions): Promise<VerificationReport>;
  /** Works on a verification for about `budgetMs`. Safe to repeat. */
  advanceVerification(verificationId: number, budgetMs: number): Promise<VerificationAdvance>;
  /** What a verification has found so far. */
  verificationReport(verificationId: number): Promise<VerificationReport>;
  /** Links legacy users to their accounts, and starts the runs that load their rows. */
  startResolution(what: Resolvable): Promise<ResolutionReport>;
  /** Does everything a resolution and its runs would and takes it all back. */
  rehearseResolution(what: Resolvable): Promise<ResolutionReport>;
  /** Links a legacy user to an account by hand. */
  linkUser(request: LinkUserRequest): Promise<LinkReport>;
  /** Ends a link and takes back the rows that came by it. */
  unlinkUser(request: UnlinkUserRequest): Promise<UnlinkReport>;
  /** Has pg_cron resolve users and continue runs; every minute when nothing else is said. */
  schedule(every: string | undefined, requireSignIn: boolean): Promise<ScheduleReport>;
  /** Ends that. */
  unschedule(): Promise<ScheduleReport>;
  /** All pipelines, or one, with their latest runs; and the schedule. */
  status(pipeline?: string): Promise<StatusReport>;

  /** The collections that a pipeline fills, in the order of their entities. */
  documentCollections(pipeline: string): Promise<DocumentCollections>;
  /** Plans a run that writes documents; nothing is written yet. */
  startExport(pipeline: string, options: RunOptions): Promise<RunReport>;
  /** Does all of an export that needs no documents to be there, and takes it back. */
  rehearseExport(pipeline: string, options: RunOptions): Promise<RunReport>;
  /** The next documents of an entity that an export would write, of `most` source rows. */
  documentsToLookAt(
    pipeline: string,
    entity: string,
    options: RunOptions,
    after: string | null,
    most: number,
  ): Promise<DocumentPreview>;
  /** Gives out a batch of documents to write, or does what else there is to do. */
  takeDocuments(runId: number, budgetMs: number): Promise<DocumentWork>;
  /** Keeps before images; false when the batch is another worker's by now. */
  noteDocuments(lease: Lease, images: readonly unknown[]): Promise<boolean>;
  /** Counts what became of a batch; false when it is another worker's by now. */
  settleDocuments(lease: Lease, outcomes: unknown): Promise<boolean>;
  /** Gives a batch back that could not be written. */
  releaseDocuments(lease: Lease): Promise<unknown>;
  /** Keeps before images of documents that are about to be deleted. */
  notePruned(runId: number, entityId: number, images: readonly unknown[]): Promise<unknown>;
  /** Counts what became of documents that were to be deleted. Safe to repeat. */
  settlePruned(runId: number, entityId: number, outcomes: unknown): Promise<unknown>;
  /** Gives out documents to undo, or ends the roll-back. */
  takeRollback(runId: number): Promise<UndoWork>;
  /** Counts what became of documents that were to be undone; false when others were quicker. */
  settleRollback(
    runId: number,
    place: UndoPlace & { reached: string },
    outcomes: unknown,
  ): Promise<boolean>;
  /** The next documents that a roll-back would undo; null when none is left. */
  documentsToUndo(runId: number, place: UndoPlace, force: boolean): Promise<DocumentUndo | null>;
  /** Gives out documents to compare, or ends the verification. */
  takeVerification(verificationId: number): Promise<VerificationWork>;
  /** Adds what was found on a page; false when others were quicker. */
  settleVerification(
    verificationId: number,
    place: UndoPlace,
    results: unknown,
  ): Promise<boolean>;
  /** What the transform of an entity gives for some source keys, by a verification's limits. */
  givenDocuments(
    verificationId: number,
    entityId: number,
    keys: readonly string[],
  ): Promise<Record<string, Record<string, unknown>>>;
  /** Those of some ids of a collection that no run has written. */
  unknownDocuments(entityId: number, ids: readonly string[]): Promise<string[]>;
}

/**
 * The engine over the Data API.
 *
 * The only module that names SQL functions. Documents pass as they are.
 *
 * @param client A client with a secret key.
 * @returns Methods that throw {@linkcode LandfallError} and nothing else.
 */
export function engineOver(client: SupabaseClient): Engine {
  async function call<Reply extends z.ZodType>(
    reply: Reply,
    name: string,
    parameters: Record<string, unknown>,
  ): Promise<z.infer<Reply>> {
    const { data, error, status } = await client.schema("landfall").rpc(name, parameters);
    if (error) throw engineFailure(name, error, status);
    return understand(reply, name, data);
  }

  return {
    startRun: (pipeline, options) => call(RunReport, "start_run", { pipeline, options }),
    advanceRun: (runId, budgetMs) =>
      call(AdvanceReport, "advance_run", { run_id: runId, budget_ms: budgetMs }),
    dryRun: (pipeline, options) => call(RunReport, "dry_run", { pipeline, options }),
    resumeRun: (runId) => call(RunReport, "resume_run", { run_id: runId }),
    pauseRun: (runId) => call(RunReport, "pause_run", { run_id: runId }),
    cancelRun: (runId) => call(RunReport, "cancel_run", { run_id: runId }),
    announceRun: (runId) => call(z.boolean(), "announce_run", { run_id: runId }),
    unstoppedRuns: (pipeline) =>
      call(z.array(RunReport), "unstopped_runs", { pipeline: pipeline ?? null }),
    runReport: (runId) => call(RunReport, "run_report", { run_id: runId }),
    previewRollback: (runId, options) =>
      call(RollbackReport, "preview_rollback", { run_id: runId, options }),
    startRollback: (runId, options) =>
      call(RollbackReport, "start_rollback", { run_id: runId, options }),
    advanceRollback: (runId, budgetMs) =>
      call(AdvanceReport, "advance_rollback", { run_id: runId, budget_ms: budgetMs }),
    rollbackReport: (runId) => call(RollbackReport, "rollback_report", { run_id: runId }),
    startVerification: ({ pipeline = null, runId = null }, options) =>
      call(VerificationReport, "start_verification", { pipeline, run_id: runId, options }),
    advanceVerification: (verificationId, budgetMs) =>
      call(VerificationAdvance, "advance_verification", {
        verification_id: verificationId,
        budget_ms: budgetMs,
      }),
    verificationReport: (verificationId) =>
      call(VerificationReport, "verification_report", { verification_id: verificationId }),
    startResolution: ({ pipeline, requireSignIn, requestedBy }) =>
      call(ResolutionReport, "start_resolution", {
        pipeline,
        require_sign_in: requireSignIn,
        requested_by: requestedBy,
      }),
    rehearseResolution: ({ pipeline, requireSignIn, requestedBy }) =>
      call(ResolutionReport, "resolve_users", {
        pipeline,
        dry_run: true,
        require_sign_in: requireSignIn,
        requested_by: requestedBy,
      }),
    linkUser: ({ legacyUserId, supabaseUserId, reason, requestedBy }) =>
      call(LinkReport, "link_user", {
        legacy_user_id: legacyUserId,
        supabase_user_id: supabaseUserId,
        reason,
        requested_by: requestedBy,
      }),
    unlinkUser: ({ legacyUserId, dryRun, reason, requestedBy }) =>
      call(UnlinkReport, "unlink_user", {
        legacy_user_id: legacyUserId,
        dry_run: dryRun,
        reason,
        requested_by: requestedBy,
      }),
    schedule: (every, requireSignIn) =>
      call(ScheduleReport, "schedule", { every, require_sign_in: requireSignIn }),
    unschedule: () => call(ScheduleReport, "unschedule", {}),
    status: (pipeline) => call(StatusReport, "status", { pipeline: pipeline ?? null }),

    documentCollections: (pipeline) =>
      call(DocumentCollections, "document_collections", { pipeline }),
    startExport: (pipeline, options) => call(RunReport, "start_export", { pipeline, options }),
    rehearseExport: (pipeline, options) =>
      call(RunReport, "rehearse_export", { pipeline, options }),
    documentsToLookAt: (pipeline, entity, options, after, most) =>
      call(DocumentPreview, "documents_to_look_at", { pipeline, entity, options, after, most }),
    takeDocuments: (runId, budgetMs) =>
      call(DocumentWork, "take_documents", { run_id: runId, budget_ms: budgetMs }),
    noteDocuments: (lease, images) =>
      call(z.boolean(), "note_documents", { ...leased(lease), images }),
    settleDocuments: (lease, outcomes) =>
      call(z.boolean(), "settle_documents", { ...leased(lease), outcomes }),
    releaseDocuments: (lease) => call(z.null(), "release_documents", leased(lease)),
    notePruned: (runId, entityId, images) =>
      call(z.null(), "note_pruned", { run_id: runId, entity_id: entityId, images }),
    settlePruned: (runId, entityId, outcomes) =>
      call(z.null(), "settle_pruned", { run_id: runId, entity_id: entityId, outcomes }),
    takeRollback: (runId) => call(UndoWork, "take_rollback", { run_id: runId }),
    settleRollback: (runId, { entityId, phase, after, reached }, outcomes) =>
      call(z.boolean(), "settle_rollback", {
        run_id: runId,
        entity_id: entityId,
        phase,
        after,
        reached,
        outcomes,
      }),
    documentsToUndo: (runId, { entityId, phase, after }, force) =>
      call(DocumentUndo.nullable(), "documents_to_undo", {
        run_id: runId,
        entity_id: entityId,
        phase,
        after,
        force,
      }),
    takeVerification: (verificationId) =>
      call(VerificationWork, "take_verification", { verification_id: verificationId }),
    settleVerification: (verificationId, { entityId, phase, after }, results) =>
      call(z.boolean(), "settle_verification", {
        verification_id: verificationId,
        entity_id: entityId,
        phase,
        after,
        results,
      }),
    givenDocuments: (verificationId, entityId, keys) =>
      call(z.record(z.string(), z.record(z.string(), z.unknown())), "given_documents", {
        verification_id: verificationId,
        entity_id: entityId,
        keys,
      }),
    unknownDocuments: (entityId, ids) =>
      call(z.array(z.string()), "unknown_documents", { entity_id: entityId, ids }),
  };
}

function leased({ runId, entityId, seq, token }: Lease): Record<string, unknown> {
  return { run_id: runId, entity_id: entityId, seq, token };
}

function understand<Reply extends z.ZodType>(
  reply: Reply,
  name: string,
  data: unknown,
): z.infer<Reply> {
  const parsed = reply.safeParse(data);
  if (parsed.success) return data as z.infer<Reply>;
  const places = parsed.error.issues.map((issue) => issue.path.join(".")).join(", ");
  throw new LandfallError("LF007", `landfall.${name}() answered something unknown`, {
    details: `Not as expected: ${places}`,
    hint: "The migrations and the functions differ in age: deploy both.",
  });
}
