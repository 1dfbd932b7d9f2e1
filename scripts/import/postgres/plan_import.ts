import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import type { StagingTable } from "../staging/staging_tables.ts";
import { counterpart } from "./counterpart.ts";
import type { Relation } from "./list_relations.ts";
import { planTable, type TablePlan } from "./plan_table.ts";
import type { PostgresOptions } from "./read_flags.ts";
import { wantedTables } from "./wanted_tables.ts";

/** What an import will do. */
export interface ImportPlan {
  readonly tables: readonly TablePlan[];
  /** Tables of the source's schema that are not imported. */
  readonly notImported: readonly string[];
  /** Tables that an earlier import made, and that the source does not have. */
  readonly left: readonly string[];
}

/** What is there to plan with. */
export interface Inventory {
  /** What the source is called. */
  readonly source: string;
  readonly relations: readonly Relation[];
  /** Why tables could not be made of a dump, by schema and name. */
  readonly failures: ReadonlyMap<string, string>;
  readonly stagings: readonly StagingTable[];
  /** The same staging tables, with their types. */
  readonly targets: readonly Relation[];
}

/**
 * Decides which tables of the source go where.
 *
 * A pipeline's own staging tables decide: they are filled, and nothing else. A pipeline that has
 * none gets every table of the schema.
 *
 * @throws LF011 for tables that are not there, or do not fit.
 */
export function planImport(options: PostgresOptions, inventory: Inventory): ImportPlan {
  const { pipeline, schema } = options;
  const { source, relations, failures, stagings, targets } = inventory;
  const all = relations.filter(({ kind, subordinate }) => !subordinate && /table/.test(kind));
  const cannot = (why: string, details: string, hint: string) =>
    new LandfallError("LF011", `Cannot import ${source}: ${why}`, { details, hint });
  const there = `Schema ${schema} has ${
    relations.map(({ name }) => name).join(", ") || "nothing"
  }.`;

  const wanted = wantedTables(options, stagings);
  const lacking: string[] = [];
  const chosen = wanted === "all" ? all : [
    ...new Set(wanted.flatMap((name) => {
      const relation = counterpart(name, relations);
      if (!relation) lacking.push(name);
      return relation ?? [];
    })),
  ];
  const failed = [...failures].find(([name]) => {
    const table = name.slice(schema.length + 1);
    const isWanted = wanted === "all" ||
      wanted.some((each) => each.toLowerCase() === table.toLowerCase());
    return name === `${schema}.${table}` && isWanted;
  });
  if (failed) {
    throw new LandfallError("LF011", `Table ${failed[0]} of the dump cannot be made`, {
      details: `${failed[1]}.`,
      hint: "Restore the dump where it can be, such as a Postgres with the same extensions, and " +
        "import from there by URL; or leave the table out with --tables. Nothing was changed.",
    });
  }
  if (lacking.length > 0) {
    throw cannot(
      `it has no table ${lacking.join(", ")}`,
      there,
      "Name the tables with --tables and their schema with --schema.",
    );
  }
  if (chosen.length === 0) throw cannot("it has no tables", there, "Name a schema with --schema.");

  const pairs = new Map<Relation, StagingTable>();
  const left: string[] = [];
  for (const staging of stagings) {
    const relation = counterpart(sourceName(pipeline, staging), relations);
    if (relation && pairs.has(relation)) {
      throw cannot(
        `table ${relation.name} could go to staging.${pairs.get(relation)!.name} or ` +
          `staging.${staging.name}`,
        there,
        "Their names differ by case only: rename one, or drop it.",
      );
    }
    if (relation) pairs.set(relation, staging);
    else if (staging.made) left.push(staging.name);
  }
  return {
    tables: chosen.map((relation) => {
      const existing = pairs.get(relation);
      const target = targets.find(({ name }) => name === existing?.name);
      return planTable(options, relation, existing && target ? { ...existing, target } : undefined);
    }),
    notImported: all.filter((relation) => !chosen.includes(relation)).map(({ name }) => name),
    left,
  };
}

function sourceName(pipeline: string, { name, fileTable }: StagingTable): string {
  return fileTable ?? name.slice(pipeline.length + 1);
}
