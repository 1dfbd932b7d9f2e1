import type { RunReport } from "../../supabase/functions/_shared/replies.ts";
import { duration } from "../../supabase/functions/_shared/core/duration.ts";
import { type Cell, table } from "./table.ts";

type Entity = RunReport["entities"][number];
type Column = readonly [head: string, cell: (entity: Entity) => Cell];

const COUNTS: readonly Column[] = [
  ["entity", (entity) => entity.entity],
  ["source", (entity) => entity.source],
  ["inserted", (entity) => entity.inserted],
  ["updated", (entity) => entity.updated],
  ["unchanged", (entity) => entity.unchanged],
  ["rejected", (entity) => entity.rejected],
  ["deferred", (entity) => entity.deferred],
];
const PRUNED: Column = ["pruned", (entity) => entity.pruned];
const TIME: Column = ["time", (entity) => duration(entity.durationMs)];
const SPEED: Column = ["rows/s", ({ source, durationMs }) => {
  return durationMs ? Math.round(source / (durationMs / 1_000)) : "–";
}];

/**
 * Sets what became of each entity's source rows as a table; pruned rows only when there are any.
 *
 * @param withSpeed Adds the source rows a second.
 */
export function entityTable(entities: readonly Entity[], withSpeed = false): string[] {
  const columns = [
    ...COUNTS,
    ...(entities.some(({ pruned }) => pruned > 0) ? [PRUNED] : []),
    TIME,
    ...(withSpeed ? [SPEED] : []),
  ];
  return table(
    columns.map(([head]) => head),
    entities.map((entity) => columns.map(([, cell]) => cell(entity))),
  );
}
