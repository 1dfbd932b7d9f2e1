import { decideWrite, type OnExisting } from "../core/documents/decide_write.ts";
import type { RunReport } from "../replies.ts";
import type { DocumentPreview } from "../document_replies.ts";
import type { Engine, RunOptions } from "../engine.ts";
import type { DocumentSink } from "../sinks/document_sink.ts";
import { countReason, type ReasonCount } from "./count_reason.ts";
import { look } from "./look.ts";
import { sortedReasons } from "./sorted_reasons.ts";

type Entity = RunReport["entities"][number];

const ROWS_OF_A_PAGE = 1_000;

/**
 * Says what an export would write and reject: all that Postgres knows, and what a look at every
 * document tells that is there already. Nothing is written; what only a write would show, such as
 * a validator's refusal, is not known.
 */
export async function previewExport(
  engine: Engine,
  sink: DocumentSink,
  pipeline: string,
  options: RunOptions,
): Promise<RunReport> {
  const report = await engine.rehearseExport(pipeline, options);
  const rejects: ReasonCount[] = report.rejects.map((one) => ({ ...one, sample: [...one.sample] }));
  const entities: Entity[] = [];
  for (const entity of report.entities) {
    const counts = { ...entity };
    const most = Number(options.limit ?? Infinity);
    let after: string | null = null;
    for (let seen = 0; counts.inserted + counts.updated > 0 && seen < most;) {
      const page: DocumentPreview = await engine.documentsToLookAt(
        pipeline,
        entity.entity,
        options,
        after,
        Math.min(ROWS_OF_A_PAGE, most - seen),
      );
      if (page.to === null) break;
      seen += page.rows;
      after = page.to;
      await lookAt(sink, page, (options.onExisting ?? "reject") as OnExisting, counts, rejects);
    }
    entities.push(counts);
  }
  const names = entities.map(({ entity }) => entity);
  return { ...report, entities, rejects: sortedReasons(rejects, names) };
}

async function lookAt(
  sink: DocumentSink,
  { collection, documents }: DocumentPreview,
  onExisting: OnExisting,
  counts: Entity,
  rejects: ReasonCount[],
): Promise<void> {
  const there = await look(sink, collection, documents);
  for (const { sourceKey, id, ...operation } of documents) {
    const hash = there.get(id)?.hash;
    if (hash === undefined && !operation.known) continue;
    const decision = decideWrite(
      { ...operation, attempted: [], noted: false, pending: false },
      hash,
      onExisting,
      collection,
    );
    const counted = operation.known ? "updated" : "inserted";
    const outcome = decision.action === "reject"
      ? "rejected"
      : decision.action === "insert"
      ? "inserted"
      : decision.outcome === "kept"
      ? "unchanged"
      : decision.outcome;
    counts[counted]--;
    counts[outcome]++;
    if (decision.action === "reject") {
      countReason(rejects, counts.entity, decision.reason, sourceKey);
    }
  }
}
