import type { RollbackReport } from "../replies.ts";
import type { Engine, RunOptions } from "../engine.ts";
import type { DocumentSink } from "../sinks/document_sink.ts";
import { countReason, type ReasonCount } from "./count_reason.ts";
import { sortedReasons } from "./sorted_reasons.ts";
import { undoBatch } from "./undo_batch.ts";

type Entity = RollbackReport["entities"][number];

/**
 * Says what a roll-back of a run that wrote documents would undo, and what it would leave and why,
 * by a look at every document. Nothing is written.
 */
export async function previewUndo(
  engine: Engine,
  sink: DocumentSink,
  runId: number,
  options: RunOptions,
): Promise<RollbackReport> {
  const report = await engine.previewRollback(runId, options);
  const ids = new Map(
    (await engine.documentCollections(report.pipeline))
      .map(({ entity, entityId }) => [entity, entityId]),
  );
  const leftovers: ReasonCount[] = [];
  const entities: Entity[] = [];
  for (const entity of report.entities) {
    const counts = { deleted: 0, restored: 0, released: 0, left: 0 };
    for (const phase of ["put back", "undo"]) {
      let place = { entityId: ids.get(entity.entity)!, phase, after: null as string | null };
      for (;;) {
        const undo = await engine.documentsToUndo(runId, place, report.force);
        if (undo === null) break;
        const undone = await undoBatch(sink, undo, { preview: true });
        counts.deleted += undone.deleted.length;
        counts.restored += undone.restored.length;
        counts.released += undone.released.length;
        counts.left += undone.left.length;
        for (const { sourceKey, reason } of undone.left) {
          countReason(leftovers, entity.entity, reason, sourceKey);
        }
        place = { ...place, after: undo.reached };
      }
    }
    entities.push({ ...entity, ...counts });
  }
  // children are undone before their parents, and reported after them
  const names = entities.map(({ entity }) => entity).reverse();
  return { ...report, entities, leftovers: sortedReasons(leftovers, names) };
}
