import { snakeCase } from "../../names/name_hints.ts";
import { ColumnNames } from "./column_names.ts";
import type { Draft, DraftColumn } from "./draft.ts";
import { type Facts, idSegment, knowsItsId } from "./facts.ts";
import { type Family, hasContainers, memberName, variables, words } from "./family.ts";
import { keyOf } from "./find_roles.ts";
import { guessForm } from "./guess_form.ts";
import { isSecret, memberColumn, spellingsOf } from "./member_columns.ts";
import { restColumn } from "./rest_column.ts";
import { segmentColumns } from "./segment_columns.ts";
import type { Origin } from "./store_plan.ts";

/**
 * Plans the table for the records of a family, and of its other generations.
 *
 * @param families The family first, then those asked after it.
 * @param attributes Families of which each key holds one more value of a record.
 * @param children Members that become tables of their own.
 */
export function draftRecords(
  facts: Facts,
  families: readonly Family[],
  { name, one, entities, attributes, children, copies }: {
    readonly name: string;
    /** What a row is. */
    readonly one: string;
    readonly entities: readonly Family[];
    readonly attributes: readonly Family[];
    readonly children: ReadonlySet<string>;
    readonly copies: readonly Family[];
  },
): Draft {
  const [family] = families as [Family, ...Family[]];
  const names = new ColumnNames(one);
  const rows = families.reduce((sum, { keys }) => sum + keys, 0);
  const sources = [...families, ...copies];
  const found = segmentColumns(facts, family, { entities, names, idIsRow: true });
  const isAlone = isUnique(facts, family) && (knowsItsId(family) || found.length === 1);
  const segments = found.map(({ column, segment }): DraftColumn => ({
    ...column,
    notNull: sources.length === 1 || !isAlone || segment === idSegment(family),
    origins: sources.map((source, nth) =>
      nth < families.length ? originIn(source, family, segment) : copyOrigin(found, segment)
    ),
  }));
  const consumed = new Set(found.flatMap(({ member }) => member ?? []));
  const spellings = spellingsOf(
    families.flatMap((each) => facts.members(each)),
    new Set([...consumed, ...children]),
    (one, other) => one !== other && facts.clash(families, one, other),
  );
  const secrets = spellings.filter(isSecret).flatMap(({ members }) =>
    members.map(({ member }) => member)
  );
  const options = { families, place: "", rows, sources: sources.length, names };
  const members = spellings.filter((spelling) => !isSecret(spelling)).map((spelling) =>
    memberColumn(facts, spelling, options)
  );
  const attached = attributes.map((attribute) =>
    attributeColumn(facts, attribute, { one, names, sources: sources.length })
  );
  const [id] = segments;
  // an id that its documents have beside what the keys call them
  const other = members.find(({ member, slot, values }) =>
    member === "id" && families.length === 1 && slot !== undefined && values === rows &&
    slot.distinct === rows
  );
  return {
    name,
    comment: `Records under ${families.map(({ template }) => template).join(" and ")}.`,
    singular: one,
    families,
    sources: sources.map((source, nth) => ({
      kind: "records" as const,
      family: source,
      // with its tenant in the key, each stands for itself
      after: isAlone || nth >= families.length ? sources.slice(0, nth) : [],
    })),
    rows,
    columns: [
      ...segments,
      ...members,
      ...attached,
      ...restColumn(facts, families, { place: "", sources: sources.length, names }),
    ],
    primaryKey: isAlone ? [id!.name] : [...segments.slice(1), id!].map((column) => column.name),
    keys: [
      ...families.flatMap((each) => {
        const slot = keyOf(facts, each);
        return slot === undefined ? [] : [{ slot, column: id!.name }];
      }),
      ...other === undefined ? [] : [{ slot: other.slot!, column: other.name }],
    ],
    secrets: [...new Set(secrets)],
    lookups: other === undefined ? [] : [other.name],
  };
}

/** Whether no two records of a family have one id. */
function isUnique(facts: Facts, family: Family): boolean {
  const slot = keyOf(facts, family);
  return slot === undefined || slot.distinct === family.keys || idSegment(family) === 0;
}

/** The same segment in keys with fewer of them: those before the id may be missing. */
function originIn(source: Family, family: Family, segment: number): Origin {
  if (source === family || idSegment(family) === 0) {
    return segment === 0 ? { from: "key" } : { from: "segment", segment };
  }
  if (segment === idSegment(family)) return { from: "segment", segment: idSegment(source) };
  const others = variables(source).filter((place) => place !== idSegment(source));
  const nth = variables(family).filter((place) => place !== idSegment(family)).indexOf(segment);
  const place = others[nth];
  return place === undefined ? { from: "nothing" } : { from: "segment", segment: place };
}

/** A copy stands under another key, and says in its document what the record's key would. */
function copyOrigin(
  found: readonly { readonly segment: number; readonly member: string | undefined }[],
  segment: number,
): Origin {
  const member = found.find((each) => each.segment === segment)?.member;
  return member === undefined
    ? { from: "nothing" }
    : { from: "member", names: [memberName(member)] };
}

function attributeColumn(
  facts: Facts,
  family: Family,
  { one, names, sources }: {
    readonly one: string;
    readonly names: ColumnNames;
    readonly sources: number;
  },
): DraftColumn {
  const last = snakeCase(words(family).at(-1) ?? "value");
  const isArray = hasContainers(family);
  const guess = guessForm(last, facts.member(family, "", "")?.classes ?? []);
  return {
    name: names.take(last.startsWith(`${one}_`) ? last.slice(one.length + 1) : last),
    type: isArray ? "jsonb" : guess.type,
    notNull: false,
    default: undefined,
    origins: Array.from({ length: sources }, () => ({ from: "attribute" as const, family })),
    form: isArray ? "json" : guess.form,
    member: undefined,
    evidence: [
      `${family.template}: ${
        isArray ? `${family.keys.toLocaleString("en-US")} arrays or objects` : guess.evidence
      }`,
    ],
    slot: facts.value(family, "", ""),
    values: guess.values,
    nearly: guess.nearly,
    empties: guess.empties,
  };
}
