import { entityName } from "../../names/entity_name.ts";
import { Names } from "../../names/names.ts";
import { type Facts, isScalar } from "./facts.ts";
import { type Family, variables } from "./family.ts";
import type { Role } from "./role.ts";
import type { EntityPlan, FamilyPlan, RepresentedPlan } from "./store_plan.ts";

const MOST_LETTERS = 30;

/** Says of each list and look-up which column of which table says the same. */
export function planRepresented(
  facts: Facts,
  roles: ReadonlyMap<Family, Role>,
  families: readonly FamilyPlan[],
): RepresentedPlan[] {
  const names = new Names();
  return families.flatMap(({ family, entity }): RepresentedPlan[] => {
    const role = roles.get(family);
    if (entity === undefined || role?.role !== "list" && role?.role !== "lookup") return [];
    const column = role.role === "list"
      ? role.parent === undefined ? undefined : columnFor(facts, role.parent, family, entity)
      : entity.columns.find(({ member, origins: [origin] }) =>
        member === role.member || origin?.from === "member" && origin.names.includes(role.member)
      )?.name;
    if (column === undefined && variables(family).length > 0) return [];
    return [{
      family,
      role: role.role,
      name: names.take(entityName(family.template, MOST_LETTERS)),
      entity: entity.name,
      column,
      member: role.role === "lookup" && !isScalar(family)
        ? facts.members(family).find(({ member }) => member !== "")?.member ?? ""
        : "",
    }];
  });
}

/** The column that refers to the parent whose id is in the list's key. */
function columnFor(
  facts: Facts,
  parent: Family,
  family: Family,
  entity: EntityPlan,
): string | undefined {
  const referring = [
    ...entity.foreignKeys,
    ...entity.orphans.map(({ column, parent }) => ({
      columns: [column],
      parent,
    })),
  ].find((key) => facts.families.includes(parent) && namesTable(key.parent, parent, family));
  return referring?.columns[0] ??
    entity.columns.find(({ origins: [origin], name }) =>
      origin?.from === "segment" && !entity.primaryKey.includes(name)
    )?.name;
}

function namesTable(table: string, parent: Family, family: Family): boolean {
  const head = entityName(parent.segments[0] ?? family.segments[0] ?? "");
  return table === head || table.startsWith(head.slice(0, -1));
}
