import type { ColumnPlan } from "./pipeline_plan.ts";

/**
 * The primary key of a table that has none in the file: its rowid.
 *
 * @param sequence The name of the sequence from which new rows get theirs.
 */
export function rowIdColumn(name: string, sequence: string): ColumnPlan {
  return {
    name,
    renamed: false,
    type: "bigint",
    notNull: true,
    default: undefined,
    generated: undefined,
    identity: { sequence, start: 1n },
    file: undefined,
    census: undefined,
    reading: { as: "integer" },
    expression: undefined,
    follows: undefined,
    secret: false,
    evidence: ["the file has no primary key: its rowid, which VACUUM may change there"],
    misfits: 0,
  };
}
