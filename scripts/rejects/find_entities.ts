import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import type { Transaction } from "../database/in_transaction.ts";
import type { ExportFlags } from "./read_flags.ts";

/** Entities of one pipeline, parents first. */
export interface Found {
  readonly pipeline: string;
  readonly entities: readonly { readonly id: number; readonly name: string }[];
}

/** As for an import. */
const USUAL_PIPELINE = "kv";

/**
 * Finds the entities whose rejects are asked for.
 *
 * @throws LF001 for a run of another pipeline, LF101, LF201 and LF204 for what there is not.
 */
export async function findEntities(
  transaction: Transaction,
  { pipeline: named, runId, entity }: ExportFlags,
): Promise<Found> {
  const pipeline = runId === undefined
    ? named ?? USUAL_PIPELINE
    : await pipelineOf(transaction, runId);
  if (named !== undefined && named !== pipeline) {
    throw new LandfallError("LF001", `Run ${runId} is of pipeline ${pipeline}`, {
      details: `--pipeline names ${named}.`,
      hint: "Leave one of the two flags out.",
    });
  }

  const all = await transaction<{ name: string }[]>`
    select name from landfall.pipelines order by name
  `;
  const pipelines = all.map(({ name }) => name);
  if (!pipelines.includes(pipeline)) {
    throw new LandfallError("LF101", `There is no pipeline ${pipeline}`, {
      details: `There are ${pipelines.join(", ") || "none"}.`,
      hint: "Name one of these with --pipeline.",
    });
  }

  const entities = await transaction<{ id: number; name: string }[]>`
    select entities.id, entities.name
    from landfall.entity_order(${pipeline}) as places
    join landfall.entities on entities.id = places.entity_id
    order by places.place
  `;
  const chosen = entities.filter(({ name }) => entity === undefined || name === entity);
  if (entity !== undefined && chosen.length === 0) {
    throw new LandfallError("LF204", `Pipeline ${pipeline} has no table ${entity}`, {
      details: `Its tables are ${entities.map(({ name }) => name).join(", ")}.`,
      hint: "Name one of these with --entity.",
    });
  }
  return { pipeline, entities: chosen };
}

async function pipelineOf(transaction: Transaction, runId: number): Promise<string> {
  const [run] = await transaction<{ pipeline: string }[]>`
    select pipeline from landfall.runs where id = ${runId}
  `;
  if (run) return run.pipeline;
  throw new LandfallError("LF201", `There is no run ${runId}`, {
    hint: "deno task supabase functions invoke status shows the runs there are.",
  });
}
