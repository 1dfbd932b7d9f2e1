import type { Transaction } from "../../database/in_transaction.ts";
import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";

/** A collection that is exported, and what makes its documents. */
export interface ChosenCollection {
  readonly entity: string;
  readonly entityId: number;
  readonly collection: string;
  readonly indexes: readonly string[];
  /** The view, quoted by Postgres. */
  readonly transform: string;
  /** The rules that keep rows out. */
  readonly rules: readonly Rule[];
}

/** A rule, with what a row must meet, in SQL: it is rejected where that is false. */
export interface Rule {
  readonly name: string;
  readonly reason: string;
  readonly condition: string;
}

/**
 * Finds the collections of a pipeline, parents first, or those that are named.
 *
 * @throws LF101 and LF215 for a pipeline that has none, LF204 for a table that it lacks.
 */
export async function chooseCollections(
  transaction: Transaction,
  pipeline: string,
  tables?: readonly string[],
): Promise<ChosenCollection[]> {
  const [row] = await transaction<
    [{ collections: Omit<ChosenCollection, "transform" | "rules">[] }]
  >`
    select landfall.document_collections(${pipeline}) as collections`;
  const names = row.collections.map(({ entity }) => entity);
  const unknown = tables?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new LandfallError("LF204", `Pipeline ${pipeline} has no table ${unknown}`, {
      details: `Its tables are ${names.join(", ")}.`,
      hint: "Name one of these.",
    });
  }
  const chosen = row.collections.filter(({ entity }) => tables?.includes(entity) ?? true);
  return await Promise.all(chosen.map(async (collection) => {
    const [entity] = await transaction<[{ transform: string; rules: Rule[] }]>`
      select
        entities.transform,
        landfall.reject_conditions(entities.id, '{}') as rules
      from landfall.entities
      where entities.id = ${collection.entityId}`;
    return { ...collection, ...entity };
  }));
}
