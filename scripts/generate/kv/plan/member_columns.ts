import { nameHints, snakeCase } from "../../names/name_hints.ts";
import { extreme } from "../census/extreme.ts";
import type { ClassCensus, MemberCensus } from "../census/store_census.ts";
import { combineSlots } from "./combine_slots.ts";
import type { ColumnNames } from "./column_names.ts";
import type { DraftColumn, Spelling } from "./draft.ts";
import type { Facts } from "./facts.ts";
import { type Family, isIdKind, memberName } from "./family.ts";
import { guessForm } from "./guess_form.ts";

/**
 * Brings the spellings of each member together: `createdAt` and `created_at` are one.
 *
 * @param members Of all families whose records become rows of the table.
 * @param taken Names that stand for something else.
 * @param clash Whether two members stand in one document, and so are not the same.
 */
export function spellingsOf(
  members: readonly MemberCensus[],
  taken: ReadonlySet<string> = new Set(),
  clash: (one: string, other: string) => boolean = () => false,
): Spelling[] {
  const named = members.filter(({ member }) =>
    member !== "" && !isIdKind(member) && !taken.has(member)
  );
  const nameOf = ({ member, place }: MemberCensus) => {
    const name = snakeCase(member) || member;
    const isApart = place !== "" ||
      named.some((other) => snakeCase(other.member) === name && clash(member, other.member));
    return isApart ? `${name} ${member}` : name;
  };
  return [...Map.groupBy(named, nameOf)]
    .map(([name, members]) => ({ name: name.split(" ")[0]!, members }))
    .toSorted((one, other) => one.name < other.name ? -1 : 1);
}

/** Whether a member is a secret, by its name. */
export function isSecret({ name }: Spelling): boolean {
  return nameHints(name).secret;
}

/**
 * Plans the column that a member becomes.
 *
 * @param rows How many rows there will be.
 * @param sources How many sources the table has.
 */
export function memberColumn(
  facts: Facts,
  { members }: Spelling,
  { families, place, rows, sources, names }: {
    readonly families: readonly Family[];
    readonly place: string;
    readonly rows: number;
    readonly sources: number;
    readonly names: ColumnNames;
  },
): DraftColumn {
  const spelled = [...Map.groupBy(members, ({ member }) => member)]
    .map(([member, found]) => ({
      member,
      values: found.flatMap(({ classes }) => classes).reduce((sum, each) => sum + each.values, 0),
    }))
    .toSorted((one, other) => other.values - one.values || (one.member < other.member ? -1 : 1));
  const [main] = spelled;
  const guess = guessForm(main!.member, together(members));
  const slots = families.flatMap((family) =>
    spelled.flatMap(({ member }) => facts.value(family, place, member) ?? [])
  );
  const others = spelled.slice(1).map(({ member }) => member);
  const written = spelled.map(({ member }) => memberName(member));
  return {
    name: names.take(written[0]!),
    type: guess.type,
    notNull: rows > 0 && guess.values === rows,
    default: undefined,
    origins: Array.from(
      { length: sources },
      () => ({ from: "member" as const, names: written }),
    ),
    form: guess.form,
    member: written[0],
    evidence: [
      guess.evidence,
      ...others.length > 0 ? [`also spelled ${others.join(", ")}`] : [],
      ...guess.nearly === undefined
        ? []
        : [`${guess.nearly.misfits.toLocaleString("en-US")} are no ${guess.nearly.type}`],
    ],
    slot: combineSlots(slots),
    values: guess.values,
    nearly: guess.nearly,
    empties: guess.empties,
  };
}

/** The classes of several members, added up. */
export function together(members: readonly MemberCensus[]): ClassCensus[] {
  const classes = Map.groupBy(members.flatMap(({ classes }) => classes), (each) => each.class);
  return [...classes.values()].map((found) => ({
    class: found[0]!.class,
    values: found.reduce((sum, { values }) => sum + values, 0),
    least: extreme(found.map(({ least }) => least), Math.min),
    most: extreme(found.map(({ most }) => most), Math.max),
    longest: extreme(found.map(({ longest }) => longest), Math.max),
    scale: extreme(found.map(({ scale }) => scale), Math.max),
    micros: found.some(({ micros }) => micros),
    few: found.every(({ few }) => few),
  }));
}
