import type { EntityPlan } from "./store_plan.ts";

/**
 * Puts parents before their children. Foreign keys that close a circle are postponed: of those, one
 * whose columns may be empty is chosen first.
 */
export function orderEntities(entities: readonly EntityPlan[]): EntityPlan[] {
  const parents = new Map<string, Set<string>>();
  const reaches = (from: string, to: string): boolean =>
    from === to || [...parents.get(from) ?? []].some((next) => reaches(next, to));
  const edges = entities.flatMap((child) =>
    child.foreignKeys.filter(({ parent }) => parent !== child.name).map((key) => ({
      child: child.name,
      key,
      nullable: key.columns.some((name) =>
        child.columns.find((column) => column.name === name)?.notNull === false
      ),
    }))
  );
  const postponed = new Set<unknown>();
  for (const { child, key } of edges.toSorted((a, b) => Number(a.nullable) - Number(b.nullable))) {
    if (reaches(key.parent, child)) postponed.add(key);
    else parents.set(child, (parents.get(child) ?? new Set()).add(key.parent));
  }
  const ordered: string[] = [];
  const visit = (name: string) => {
    if (ordered.includes(name)) return;
    for (const parent of [...parents.get(name) ?? []].toSorted()) visit(parent);
    ordered.push(name);
  };
  for (const { name } of entities) visit(name);
  return ordered.map((name) => {
    const entity = entities.find((each) => each.name === name)!;
    return {
      ...entity,
      foreignKeys: entity.foreignKeys.map((key) => ({ ...key, postponed: postponed.has(key) })),
    };
  });
}
