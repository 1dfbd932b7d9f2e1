import { LandfallError } from "../../../../supabase/functions/_shared/errors.ts";
import { entityName } from "../../names/entity_name.ts";
import { snakeCase } from "../../names/name_hints.ts";
import { Names } from "../../names/names.ts";
import { RESERVED } from "../../sql/identifier.ts";
import { plural, singular } from "../../names/plural.ts";
import type { StoreCensus } from "../census/take_census.ts";
import type { Mapping } from "../mapping.ts";
import { addMirror } from "./add_mirror.ts";
import { alignTypes } from "./align_types.ts";
import { applyMapping } from "./apply_mapping.ts";
import { askQuestions } from "./ask_questions.ts";
import type { Draft } from "./draft.ts";
import { draftParts, type Part, placeOf } from "./draft_parts.ts";
import { draftRecords } from "./draft_records.ts";
import { draftSettings, draftValues } from "./draft_values.ts";
import { Facts } from "./facts.ts";
import { type Family, isIdKind, words } from "./family.ts";
import { best, findRoles, keyShare } from "./find_roles.ts";
import { orderEntities } from "./order_entities.ts";
import { planEntity } from "./plan_entity.ts";
import { planFamilies } from "./plan_families.ts";
import { planRepresented } from "./plan_represented.ts";
import type { Role } from "./role.ts";
import type { StorePlan } from "./store_plan.ts";

/** What a person says of the pipeline. */
export interface PlanOptions {
  readonly pipeline: string;
  readonly schema: string;
  /** What was read: a table, or a file. */
  readonly store: string;
  readonly pattern: string;
  /** Names of tables that are there already. */
  readonly taken: ReadonlySet<string>;
}

const MOST_LETTERS = 36;
/** Views of the pipeline that are no transforms. */
const OWN_VIEWS = [
  "source",
  "records",
  "parts",
  "restored",
  "families",
  "keys",
  "account",
  "losses",
];
const HALF = 0.5;

/**
 * Decides what a store becomes: which tables, and which keys become rows of them, stand for
 * something that the rows say as well, or are left out.
 *
 * @throws LF013 when nothing is left to migrate.
 */
export function planStore(options: PlanOptions, census: StoreCensus, mapping: Mapping): StorePlan {
  const facts = new Facts(census);
  const said = new Map(
    Object.entries(mapping.families).flatMap(([template, { role }]) =>
      role === undefined ? [] : [[template, role] as const]
    ),
  );
  const skipped = new Map(
    Object.entries(mapping.families).flatMap(([template, { skip }]) =>
      skip === undefined ? [] : [[template, skip] as const]
    ),
  );
  const roles = new Map(
    [...findRoles(facts, said)].filter(([{ template }]) => !skipped.has(template)),
  );
  const drafts = draftAll(options, facts, roles, mapping);
  const entities = orderEntities(
    alignTypes(drafts.map((draft) => planEntity(facts, draft, drafts))),
  );
  if (entities.length === 0) {
    throw new LandfallError("LF013", `Cannot generate ${options.pipeline}: no table is left`, {
      details: `The store has ${census.families.length} families of keys.`,
      hint: 'Every family is excluded; a mapping can say otherwise: {"families": {…}}.',
    });
  }
  const changed = applyMapping(entities, mapping);
  const families = planFamilies(facts, roles, changed, skipped);
  const { pipeline, schema, store, pattern } = options;
  return {
    pipeline,
    schema,
    store,
    pattern,
    description: mapping.description ?? `The key-value store ${options.store}`,
    keys: census.families.reduce((sum, { keys }) => sum + keys, 0) + census.unknown,
    unknown: census.unknown,
    families,
    entities: changed,
    represented: planRepresented(facts, roles, families),
    questions: askQuestions(roles, drafts, changed, mapping),
  };
}

function draftAll(
  { pipeline, taken: there }: PlanOptions,
  facts: Facts,
  roles: ReadonlyMap<Family, Role>,
  mapping: Mapping,
): Draft[] {
  const most = Math.min(MOST_LETTERS, 58 - pipeline.length);
  const taken = new Names([...there, ...OWN_VIEWS]);
  const nameFor = (family: Family, wanted: string, longer: string) => {
    const said = mapping.families[family.template]?.name;
    if (said !== undefined) return taken.take(said);
    const names = [wanted, longer, `${pipeline}_${longer}`].map((name) =>
      plural(entityName(name, most))
    );
    return taken.take(
      names.find((name) => !taken.has(name) && !RESERVED.has(name)) ?? names.at(-1)!,
    );
  };
  const of = (role: Role["role"]) =>
    [...roles].flatMap(([family, each]) => each.role === role ? [{ family, role: each }] : []);
  const entities = of("entity").map(({ family }) => family);
  const others = (role: "generation" | "copy" | "attribute", family: Family) =>
    [...roles].flatMap(([each, found]) => found.role === role && found.of === family ? [each] : []);

  const records = entities.map((family) => {
    const families = [family, ...others("generation", family)];
    const parts = partsOf(facts, families, entities);
    return {
      parts,
      families,
      draft: draftRecords(facts, families, {
        name: nameFor(family, wordsOf(family), wordsOf(family)),
        one: singular(entityName(wordsOf(family), most)),
        entities,
        attributes: others("attribute", family),
        children: new Set(parts.map(({ member }) => member)),
        copies: others("copy", family),
      }),
    };
  });
  const children = records.flatMap(({ parts, draft }) =>
    parts.map((part) => {
      const name = `${draft.singular}_${snakeCase(part.member)}`;
      return draftParts(facts, part, {
        name: nameFor(part.families[0]!, name, `${name}_elements`),
        entities,
        parent: draft,
      });
    })
  );
  const elements = [...of("elements"), ...of("junction")].map(({ family, role }) => {
    const last = snakeCase(words(family).at(-1) ?? "records");
    return draftParts(facts, {
      families: [family],
      member: "",
      isMap: role.role === "elements" && role.isMap,
    }, {
      name: nameFor(family, role.role === "junction" ? wordsOf(family) : last, wordsOf(family)),
      entities,
      parent: undefined,
    });
  });
  const values = of("values").map(({ family }) =>
    draftValues(facts, family, {
      name: nameFor(family, wordsOf(family), wordsOf(family)),
      entities,
    })
  );
  const mirrors = of("mirror").flatMap(({ family, role }) =>
    role.role === "mirror" ? [{ family, ...role }] : []
  );
  const mirrored = (draft: Draft): Draft =>
    mirrors.filter(({ of, member }) =>
      draft.sources.some((source) =>
        source.kind === "parts" && source.family === of && source.part.member === member
      )
    ).reduce((changed, { family }) => addMirror(changed, family), draft);
  const settings = of("setting").map(({ family }) => family);
  const lookups = of("lookup").flatMap(({ role }) => role.role === "lookup" ? [role] : []);
  return [
    ...records.map(({ draft, families }) => ({
      ...draft,
      lookups: [
        ...draft.lookups,
        ...lookups.filter(({ of }) => families.includes(of)).flatMap(({ member }) =>
          draft.columns.find((column) =>
            column.member === member ||
            column.origins[0]!.from === "member" && column.origins[0]!.names.includes(member)
          )?.name ?? []
        ),
      ],
    })),
    ...[...children, ...elements].map(mirrored),
    ...values,
    ...settings.length === 0 ? [] : [
      draftSettings(settings, {
        name: taken.take(taken.has("app_settings") ? `${pipeline}_settings` : "app_settings"),
      }),
    ],
  ];
}

/** The words of a family's keys as one name; all but the last one singular. */
function wordsOf(family: Family): string {
  const parts = words(family).map(snakeCase).filter((word) => word !== "");
  return parts.map((word, nth) => nth < parts.length - 1 ? singular(word) : word).join("_") ||
    "records";
}

/** Arrays of records or of ids in the documents, and maps of records by their ids. */
function partsOf(facts: Facts, families: readonly Family[], entities: readonly Family[]): Part[] {
  const members = new Set(
    families.flatMap((family) => facts.members(family).map(({ member }) => member)),
  );
  return [...members].filter((member) => member !== "" && !isIdKind(member)).toSorted()
    .flatMap((member): Part[] =>
      [false, true].flatMap((isMap) => {
        const part = { families, member, isMap };
        return isChild(facts, part, entities) ? [part] : [];
      })
    );
}

function isChild(facts: Facts, part: Part, entities: readonly Family[]): boolean {
  const place = placeOf(part);
  return part.families.some((family) => {
    const found = facts.place(family, place);
    if (found === undefined || found.elements === 0) return false;
    const member = facts.member(family, "", part.member);
    const own = member?.classes.find((each) => each.class === (part.isMap ? "object" : "array"));
    const all = member?.classes.filter((each) => each.class !== "null" && each.class !== "empty")
      .reduce((sum, { values }) => sum + values, 0);
    // where it is sometimes something else, it stays as it is
    if (own === undefined || own.values !== all) return false;
    if (found.arrays > 0 || found.others > 0) return false;
    if (part.isMap && found.objects !== found.elements) return false;
    if (found.objects > 0) return found.objects === found.elements;
    const slot = facts.value(family, place, "");
    const target = best(facts, slot, entities, family, HALF);
    return target !== undefined && slot !== undefined && slot.values === found.elements &&
      keyShare(facts, slot, target) >= HALF;
  });
}
