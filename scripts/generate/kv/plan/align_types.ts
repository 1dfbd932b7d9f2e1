import type { ColumnPlan, EntityPlan } from "./store_plan.ts";

/**
 * Gives columns the type of what they refer to, also where that refers to something else.
 *
 * Each value names a row, so it can be read as the row's key is.
 */
export function alignTypes(
  entities: readonly EntityPlan[],
  rounds: number = entities.length,
): EntityPlan[] {
  const aligned = entities.map((entity) => align(entity, entities));
  const isDone = aligned.every((entity, nth) => entity === entities[nth]);
  // keys in a circle may never agree
  return isDone || rounds === 0 ? aligned : alignTypes(aligned, rounds - 1);
}

function align(entity: EntityPlan, entities: readonly EntityPlan[]): EntityPlan {
  const changes = new Map<string, ColumnPlan>();
  for (const { columns, parent, parentColumns } of entity.foreignKeys) {
    const target = entities.find(({ name }) => name === parent)!;
    columns.forEach((name, nth) => {
      const column = entity.columns.find((each) => each.name === name)!;
      const key = target.columns.find((each) => each.name === parentColumns[nth])!;
      if (column.type === key.type || changes.has(name)) return;
      const isNumber = column.form === "integer" && key.type === "bigint";
      changes.set(name, {
        ...column,
        type: key.type,
        form: isNumber ? "integer" : key.type === "bigint" ? "integer text" : key.form,
      });
    });
  }
  return changes.size === 0 ? entity : {
    ...entity,
    columns: entity.columns.map((column) => changes.get(column.name) ?? column),
  };
}
