import { entityName } from "../../names/entity_name.ts";
import { Names } from "../../names/names.ts";
import type { Facts } from "./facts.ts";
import { type Family, variables } from "./family.ts";
import type { By, Role } from "./role.ts";
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
      ? role.by === undefined ? undefined : columnFor(role.by, entity)
      : columnFor({ member: role.member, segment: 0 }, entity);
    if (column === undefined && variables(family).length > 0) return [];
    return [{
      family,
      role: role.role,
      name: names.take(entityName(family.template, MOST_LETTERS)),
      entity: entity.name,
      column,
      member: role.role === "lookup"
        ? facts.members(family).find(({ member }) => member !== "")?.member ?? ""
        : "",
    }];
  });
}

/** The column that holds a member of the records, or a segment of their keys. */
function columnFor({ member, segment }: By, entity: EntityPlan): string | undefined {
  return entity.columns.find(({ member: own, origins: [origin] }) =>
    member !== ""
      ? own === member || origin?.from === "member" && origin.names.includes(member)
      : origin?.from === "segment" && origin.segment === segment
  )?.name;
}
