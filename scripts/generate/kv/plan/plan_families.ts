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
    const { outcome, entity, why: what } = fateOf(family, role, entities);
    return { family, role: role.role, outcome, entity, why: what };
  });
}

/** What becomes of the keys of a family that is something to the app. */
function fateOf(
  family: Family,
  role: Role,
  entities: readonly EntityPlan[],
): Pick<FamilyPlan, "outcome" | "entity" | "why"> {
  const migrated = (why: string, of = family) => ({
    outcome: "migrated" as const,
    entity: entityOf(of, entities),
    why,
  });
  const represented = (why: string, entity: EntityPlan | undefined) => ({
    outcome: "represented" as const,
    entity,
    why,
  });
  const excluded = (why: string) => ({ outcome: "excluded" as const, entity: undefined, why });
  switch (role.role) {
    case "entity":
      return migrated("records");
    case "generation":
      return migrated(`another generation of ${role.of.template}`, role.of);
    case "elements":
      return migrated(role.isMap ? "a map of records" : "arrays of records");
    case "junction":
      return migrated(`lists of ids of ${role.of.template}`);
    case "attribute":
      return migrated(`one more value of ${role.of.template}`, role.of);
    case "values":
      return migrated("values");
    case "setting":
      return migrated("a document of which there is one");
    case "copy":
      return represented(
        `copies of ${role.of.template}; what only a copy has is taken`,
        entityOf(role.of, entities),
      );
    case "list":
      return represented(
        role.by === undefined
          ? `the list of the ids of ${role.of.template}`
          : `lists of the ids of ${role.of.template}, which know in which they are`,
        entityOf(role.of, entities),
      );
    case "lookup":
      return represented(
        `finds ${role.of.template} by ${role.member}`,
        entityOf(role.of, entities),
      );
    case "mirror":
      return represented(
        `${role.of.template}${
          role.member === "" ? "" : `, ${role.member}`
        } the other way round; pairs that only stand here are taken`,
        mirrored(role.of, role.member, entities),
      );
    case "marker":
      return excluded("a marker of the old app's own");
    case "ephemeral":
      return excluded("worth nothing after a while: sessions, codes, limits, caches");
    case "secret":
      return excluded("secrets, which belong to Supabase Auth or the Vault");
  }
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
