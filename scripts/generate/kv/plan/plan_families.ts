import type { Facts } from "./facts.ts";
import type { Family } from "./family.ts";
import type { Role } from "./role.ts";
import type { EntityPlan, FamilyPlan } from "./store_plan.ts";

/**
 * Says of every family of keys what becomes of it.
 *
 * @param skipped What a mapping leaves out, and why.
 */
export function planFamilies(
  facts: Facts,
  roles: ReadonlyMap<Family, Role>,
  entities: readonly EntityPlan[],
  skipped: ReadonlyMap<string, string>,
): FamilyPlan[] {
  return facts.families.map((family): FamilyPlan => {
    const why = skipped.get(family.template);
    const role = roles.get(family);
    if (why !== undefined || role === undefined) {
      return {
        family,
        role: "marker",
        outcome: "excluded",
        entity: undefined,
        why: why ?? "nothing is known of it",
      };
    }
    const of = (one: Family) => entityOf(one, entities);
    switch (role.role) {
      case "entity":
        return { family, role: role.role, outcome: "migrated", entity: of(family), why: "records" };
      case "generation":
        return {
          family,
          role: role.role,
          outcome: "migrated",
          entity: of(role.of),
          why: `another generation of ${role.of.template}`,
        };
      case "copy":
        return {
          family,
          role: role.role,
          outcome: "represented",
          entity: of(role.of),
          why: `copies of ${role.of.template}; what only a copy has is taken`,
        };
      case "elements":
        return {
          family,
          role: role.role,
          outcome: "migrated",
          entity: of(family),
          why: role.isMap ? "a map of records" : "arrays of records",
        };
      case "junction":
        return {
          family,
          role: role.role,
          outcome: "migrated",
          entity: of(family),
          why: `lists of ids of ${role.of.template}`,
        };
      case "list":
        return {
          family,
          role: role.role,
          outcome: "represented",
          entity: of(role.of),
          why: role.by === undefined
            ? `the list of the ids of ${role.of.template}`
            : `lists of the ids of ${role.of.template}, which know in which they are`,
        };
      case "mirror":
        return {
          family,
          role: role.role,
          outcome: "represented",
          entity: mirrored(role.of, role.member, entities),
          why: `${role.of.template}${
            role.member === "" ? "" : `, ${role.member}`
          } the other way round; pairs that only stand here are taken`,
        };
      case "lookup":
        return {
          family,
          role: role.role,
          outcome: "represented",
          entity: of(role.of),
          why: `finds ${role.of.template} by ${role.member}`,
        };
      case "attribute":
        return {
          family,
          role: role.role,
          outcome: "migrated",
          entity: of(role.of),
          why: `one more value of ${role.of.template}`,
        };
      case "values":
        return { family, role: role.role, outcome: "migrated", entity: of(family), why: "values" };
      case "setting":
        return {
          family,
          role: role.role,
          outcome: "migrated",
          entity: of(family),
          why: "a document of which there is one",
        };
      case "marker":
        return {
          family,
          role: role.role,
          outcome: "excluded",
          entity: undefined,
          why: "a marker of the old app's own",
        };
      case "ephemeral":
        return {
          family,
          role: role.role,
          outcome: "excluded",
          entity: undefined,
          why: "worth nothing after a while: sessions, codes, limits, caches",
        };
      case "secret":
        return {
          family,
          role: role.role,
          outcome: "excluded",
          entity: undefined,
          why: "secrets, which belong to Supabase Auth or the Vault",
        };
    }
  });
}

/** The entity for a list in the documents of a family. */
function mirrored(
  of: Family,
  member: string,
  entities: readonly EntityPlan[],
): EntityPlan | undefined {
  return entities.find(({ sources }) =>
    sources.some((source) =>
      source.kind === "parts" && source.family === of && source.part.member === member
    )
  );
}

/** The entity of which a family's documents, or what is in them, are rows. */
function entityOf(family: Family, entities: readonly EntityPlan[]): EntityPlan | undefined {
  return entities.find(({ sources }) =>
    sources.some((source) =>
      source.kind === "settings"
        ? source.families.includes(family)
        : source.family === family && (source.kind === "records" || source.part.member === "")
    )
  );
}
