import type { RollbackReport } from "../../supabase/functions/_shared/replies.ts";
import { duration } from "../../supabase/functions/_shared/core/duration.ts";
import { reasonTable } from "./reason_table.ts";
import { table } from "./table.ts";

/** Reasons that force overrules. */
const CHANGED_SINCE = /changed (it )?since$/;

/**
 * Says in lines of text what a roll-back undid of each entity, and which rows it left and why.
 */
export function rollbackCounts({ entities, leftovers, force }: RollbackReport): string[] {
  const rewritten = entities.reduce((sum, entity) => sum + entity.rewritten, 0);
  const forcible = !force && leftovers.some(({ reason }) => CHANGED_SINCE.test(reason));
  return [
    ...table(
      ["entity", "deleted", "restored", "released", "left", "time"],
      entities.map((row) => [
        row.entity,
        row.deleted,
        row.restored,
        row.released,
        row.left,
        duration(row.durationMs),
      ]),
    ),
    ...(rewritten > 0
      ? [
        `Rows that a trigger changed while they were put back: ${
          rewritten.toLocaleString("en-US")
        }.`,
      ]
      : []),
    ...reasonTable("left because", leftovers),
    ...(forcible ? ["--force undoes rows that were changed since, too."] : []),
  ];
}
