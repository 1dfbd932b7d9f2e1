import type { StorePlan } from "./plan/store_plan.ts";

/** What a store holds, and what becomes of it; as `--json` prints it. */
export interface StoreReport {
  readonly pipeline: string;
  readonly store: string;
  readonly keys: number;
  readonly families: readonly {
    readonly family: string;
    readonly keys: number;
    readonly outcome: "migrated" | "represented" | "excluded";
    readonly table: string | null;
    readonly why: string;
  }[];
  readonly tables: readonly {
    readonly table: string;
    readonly columns: readonly {
      readonly column: string;
      readonly type: string;
      readonly evidence: readonly string[];
    }[];
    readonly references: readonly string[];
    readonly owner: string | null;
    readonly secrets: readonly string[];
  }[];
  readonly questions: StorePlan["questions"];
}

/** Puts a plan together as a report. */
export function reportOf(plan: StorePlan): StoreReport {
  return {
    pipeline: plan.pipeline,
    store: plan.store,
    keys: plan.keys,
    families: [
      ...plan.families.map(({ family, outcome, entity, why }) => ({
        family: family.template,
        keys: family.keys,
        outcome,
        table: entity?.name ?? null,
        why,
      })),
      ...plan.unknown === 0 ? [] : [{
        family: "(of no family)",
        keys: plan.unknown,
        outcome: "excluded" as const,
        table: null,
        why: "keys of more than eight parts",
      }],
    ],
    tables: plan.entities.map((entity) => ({
      table: entity.name,
      columns: entity.columns.map(({ name, type, evidence }) => ({ column: name, type, evidence })),
      references: entity.foreignKeys.map(({ columns, parent }) =>
        `${columns.join(", ")} → ${parent}`
      ),
      owner: entity.owner?.column ?? null,
      secrets: entity.secrets,
    })),
    questions: plan.questions,
  };
}
