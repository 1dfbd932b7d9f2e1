import { snakeCase } from "../../names/name_hints.ts";
import { singular } from "../../names/plural.ts";
import { ColumnNames } from "./column_names.ts";
import type { Draft, DraftColumn } from "./draft.ts";
import type { Facts } from "./facts.ts";
import { type Family, isIdKind, words } from "./family.ts";
import { best } from "./find_roles.ts";
import { guessForm } from "./guess_form.ts";
import { isSecret, memberColumn, spellingsOf } from "./member_columns.ts";
import { restColumn } from "./rest_column.ts";
import { idNameOf, segmentColumns } from "./segment_columns.ts";
import type { PartPlan } from "./store_plan.ts";

const INTEGER = { type: "integer", form: "integer", default: undefined } as const;

/** An array or a map in the documents of families that become rows of one table. */
export interface Part {
  /** All of one member, of one kind. */
  readonly families: readonly Family[];
  readonly member: string;
  readonly isMap: boolean;
}

/** The name of the place where a part's elements are. */
export function placeOf({ member, isMap }: Pick<Part, "member" | "isMap">): string {
  return `${member}${isMap ? "{}" : "[]"}`;
}

/**
 * Plans the table for the elements of an array or a map: a child of the record they are in, or of
 * what the key names.
 *
 * @param parent The table whose rows hold them; none for a document that is an array itself.
 */
export function draftParts(
  facts: Facts,
  part: Part,
  { name, entities, parent }: {
    readonly name: string;
    readonly entities: readonly Family[];
    readonly parent: Draft | undefined;
  },
): Draft {
  const { families, member, isMap } = part;
  const [family] = families as [Family, ...Family[]];
  const place = placeOf(part);
  const counts = families.map((each) => facts.place(each, place)).filter((each) =>
    each !== undefined
  );
  const rows = counts.reduce((sum, { elements }) => sum + elements, 0);
  const objects = counts.reduce((sum, each) => sum + each.objects, 0) * 2 > rows;
  const byId = counts.every(({ isRepeated }) => !isRepeated) &&
    (!objects || isMap || counts.every(({ withoutId }) => withoutId === 0));
  const names = new ColumnNames(singular(name));
  const owners = parent === undefined
    ? segmentColumns(facts, family, { entities, names, idIsRow: false }).map(({ column }) => column)
    : parentColumns(parent, families, names);
  const context = { families, place, rows, sources: families.length, names };
  const own = objects
    ? objectColumns(facts, part, { ...context, byId })
    : [elementColumn(facts, part, { ...context, entities, owners })];
  const id = objects
    ? own.find(({ member, origins }) => member === "id" || origins[0]!.from === "name")
    : own[0];
  const position: DraftColumn = {
    ...INTEGER,
    name: names.take("place"),
    notNull: true,
    origins: families.map(() => ({ from: "position" })),
    member: undefined,
    evidence: [isMap ? "in the order of the names" : "where it stands in the array, from 1"],
    slot: undefined,
    values: rows,
    nearly: undefined,
    empties: false,
  };
  const slot = objects && byId && !isMap ? facts.value(family, place, "id") : undefined;
  const alone = slot !== undefined && slot.distinct === rows && families.length === 1 &&
    slot.values === rows;
  const secrets = objects
    ? spellingsOf(families.flatMap((each) => facts.members(each, place))).filter(isSecret)
      .flatMap(({ members }) => members.map((each) => each.member))
    : [];
  const above = owners.map((column) => column.name);
  const what = isMap ? "Values" : "Elements";
  return {
    name,
    comment: `${what} of ${
      families.map(({ template }) => `${template}${member === "" ? "" : `, ${member}`}`).join(
        " and ",
      )
    }.`,
    singular: singular(name),
    families: [],
    sources: families.map((each) => ({
      kind: "parts" as const,
      family: each,
      part: { name, member, isMap, objects, byId, mirrors: undefined } satisfies PartPlan,
    })),
    rows,
    columns: [
      ...id === undefined || !alone ? [] : [id],
      ...owners,
      ...own.filter((column) => !alone || column !== id),
      position,
    ],
    primaryKey: alone ? [id!.name] : [...above, byId && id !== undefined ? id.name : position.name],
    keys: slot !== undefined && alone ? [{ slot, column: id!.name }] : [],
    secrets: [...new Set(secrets)],
    lookups: [],
  };
}

/** The parent's primary key, as columns of the child. */
function parentColumns(
  parent: Draft,
  families: readonly Family[],
  names: ColumnNames,
): DraftColumn[] {
  return parent.primaryKey.map((key) => {
    const column = parent.columns.find(({ name }) => name === key)!;
    const own = column.name === "id" || column.name === parent.columns[0]!.name;
    return {
      ...column,
      name: names.take(own ? `${parent.singular}_id` : column.name),
      notNull: true,
      origins: families.map((family) => {
        const nth = parent.families.indexOf(family);
        return column.origins[nth]!;
      }),
      member: undefined,
      evidence: [`the ${parent.singular} that holds it`],
    };
  });
}

function objectColumns(
  facts: Facts,
  { families, isMap }: Part,
  { place, rows, sources, names, byId }: {
    readonly place: string;
    readonly rows: number;
    readonly sources: number;
    readonly names: ColumnNames;
    readonly byId: boolean;
  },
): DraftColumn[] {
  const spellings = spellingsOf(families.flatMap((each) => facts.members(each, place)))
    .filter((spelling) => !isSecret(spelling));
  const ids = spellings.filter(({ name }) => name === "id");
  const others = spellings.filter(({ name }) => name !== "id");
  const columns = [
    ...[...ids, ...others].map((spelling) =>
      memberColumn(facts, spelling, { families, place, rows, sources, names })
    ),
    ...restColumn(facts, families, { place, sources, names }),
  ];
  if (!isMap) {
    return columns.map((column) =>
      byId && column.member === "id" ? { ...column, notNull: true } : column
    );
  }
  const [first] = families;
  const kinds = new Set(
    facts.members(first!).filter(({ member }) => isIdKind(member)).map(({ member }) => member),
  );
  const isUuid = kinds.size === 1 && kinds.has("\u0001uuid");
  const name: DraftColumn = {
    name: names.take("name"),
    type: isUuid ? "uuid" : "text",
    form: isUuid ? "uuid" : "text",
    notNull: true,
    default: undefined,
    origins: families.map(() => ({ from: "name" })),
    member: undefined,
    evidence: ["its name in the map"],
    slot: undefined,
    values: rows,
    nearly: undefined,
    empties: false,
  };
  return [name, ...columns];
}

/** What a list names: the id of a record, mostly. */
function elementColumn(
  facts: Facts,
  { families, member }: Part,
  { place, rows, names, entities, owners }: {
    readonly place: string;
    readonly rows: number;
    readonly names: ColumnNames;
    readonly entities: readonly Family[];
    readonly owners: readonly DraftColumn[];
  },
): DraftColumn {
  const [family] = families as [Family, ...Family[]];
  const slot = facts.value(family, place, "");
  const target = best(facts, slot, entities, family);
  const guess = guessForm("id", facts.member(family, place, "")?.classes ?? []);
  const last = singular(snakeCase(member === "" ? words(family).at(-1) ?? "value" : member));
  const wanted = target === undefined ? last : idNameOf(target);
  const clash = owners.some(({ name }) => name === wanted);
  return {
    name: names.take(clash ? last.endsWith("_id") ? last : `${last}_id` : wanted),
    type: guess.type,
    form: guess.form,
    notNull: true,
    default: undefined,
    origins: families.map(() => ({ from: "element" })),
    member: undefined,
    evidence: [guess.evidence],
    slot: families.length === 1 ? slot : undefined,
    values: rows,
    nearly: guess.nearly,
    empties: false,
  };
}
