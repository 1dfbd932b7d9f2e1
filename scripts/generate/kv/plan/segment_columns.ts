import { snakeCase } from "../../names/name_hints.ts";
import { singular } from "../../names/plural.ts";
import { ACCOUNTS } from "../census/read_slots.ts";
import type { MemberCensus } from "../census/store_census.ts";
import type { ColumnNames } from "./column_names.ts";
import type { DraftColumn } from "./draft.ts";
import { type Facts, idSegment } from "./facts.ts";
import { type Family, memberName, variables, words } from "./family.ts";
import { best } from "./find_roles.ts";
import { type Form, guessForm } from "./guess_form.ts";

const NEARLY = 0.9;
const ENVIRONMENT = /^(dev|development|stage|staging|test|testing|qa|demo|live|prod|production)$/i;

/** A segment's column, and the member that says the same. */
export interface SegmentColumn {
  readonly segment: number;
  readonly column: DraftColumn;
  readonly member: string | undefined;
}

/**
 * Plans the columns for what differs in a family's keys: the id first, then what stands before it.
 *
 * @param entities Families whose ids a segment may be.
 * @param rows How many rows there will be; each has a key.
 * @param idIsRow Whether the id is a row's, or that of its parent.
 */
export function segmentColumns(
  facts: Facts,
  family: Family,
  { entities, names, idIsRow }: {
    readonly entities: readonly Family[];
    readonly names: ColumnNames;
    readonly idIsRow: boolean;
  },
): SegmentColumn[] {
  const id = idSegment(family);
  if (idIsRow && id === 0) return [wholeKey(facts, family, names)];
  const places = variables(family);
  const ordered = idIsRow ? [id, ...places.filter((place) => place !== id)] : places;
  return ordered.map((segment) => {
    const slot = facts.segment(family, segment);
    const same = sameMember(facts, family, segment);
    const guess = same === undefined ? undefined : guessForm(same.member, same.classes);
    const { type, form } = typeOf(family, segment, same, guess?.values);
    const kinds = Object.keys(family.segmentKinds[segment] ?? {}).join(", ");
    return {
      segment,
      member: same?.member,
      column: {
        name: names.take(
          same?.member ??
            nameOf(facts, family, segment, entities, idIsRow && segment === id, idIsRow),
        ),
        type,
        notNull: true,
        default: undefined,
        origins: [{ from: "segment" as const, segment }],
        form,
        member: same === undefined ? undefined : memberName(same.member),
        evidence: [
          `segment ${segment} of ${family.template}${
            same === undefined ? "" : `, as ${memberName(same.member)} says`
          }; ${kinds}`,
        ],
        slot,
        values: slot?.values ?? 0,
        nearly: undefined,
        empties: false,
      },
    };
  });
}

function wholeKey(facts: Facts, family: Family, names: ColumnNames): SegmentColumn {
  return {
    segment: 0,
    member: "id",
    column: {
      name: names.take("id"),
      type: "text",
      notNull: true,
      default: undefined,
      origins: [{ from: "key" }],
      form: "text",
      member: "id",
      evidence: [`the key of ${family.template}, as id says`],
      slot: facts.value(family, "", "id"),
      values: family.keys,
      nearly: undefined,
      empties: false,
    },
  };
}

/** The member that says in every document that has it what the segment says. */
function sameMember(facts: Facts, family: Family, segment: number): MemberCensus | undefined {
  return facts.members(family)
    .filter(({ atSegment, member, classes }) => {
      const values = classes.reduce((sum, each) => sum + each.values, 0);
      const same = atSegment[segment] ?? 0;
      return member !== "" && same === values && same * 2 >= family.keys;
    })
    .toSorted((one, other) =>
      Number(other.member === "id") - Number(one.member === "id") ||
      (other.atSegment[segment] ?? 0) - (one.atSegment[segment] ?? 0) ||
      (one.member < other.member ? -1 : 1)
    )[0];
}

function typeOf(
  family: Family,
  segment: number,
  same: MemberCensus | undefined,
  values: number | undefined,
): { type: string; form: Form } {
  const kinds = Object.keys(family.segmentKinds[segment] ?? {});
  if (kinds.length === 1 && kinds[0] === "<uuid>") return { type: "uuid", form: "uuid" };
  if (same !== undefined && values === family.keys && same.atSegment[segment] === values) {
    const guess = guessForm(same.member, same.classes);
    if (["bigint", "integer"].includes(guess.type)) {
      return { type: "bigint", form: guess.form };
    }
  }
  return { type: "text", form: "text" };
}

function nameOf(
  facts: Facts,
  family: Family,
  segment: number,
  entities: readonly Family[],
  isId: boolean,
  ofRow: boolean,
): string {
  const slot = facts.segment(family, segment);
  const parent = best(facts, slot, entities.filter((each) => each !== family), family, NEARLY);
  if (parent !== undefined) return idNameOf(parent);
  const accounts = slot?.found.get(ACCOUNTS) ?? 0;
  if (slot !== undefined && accounts >= NEARLY * slot.values) return "user_id";
  // where the documents have an id of their own, it is another
  if (isId) return facts.member(family, "", "id") === undefined ? "id" : "key";
  const isTenant = slot !== undefined && slot.common.length > 0 &&
    slot.common.every(([value]) => ENVIRONMENT.test(value));
  if (isTenant) return "environment";
  const before = segment > 2 || !ofRow ? family.segments[segment - 2] : undefined;
  const kinds = Object.keys(family.segmentKinds[segment] ?? {});
  if (kinds.length === 1 && kinds[0] === "<email>") return "email";
  return before === null || before === undefined
    ? `segment_${segment}`
    : `${singular(snakeCase(before))}_id`;
}

/** The name of a column that has ids of a family's records. */
export function idNameOf(family: Family): string {
  return `${singular(snakeCase(words(family)[0] ?? "record"))}_id`;
}
