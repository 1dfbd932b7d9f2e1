import { snakeCase } from "../../names/name_hints.ts";
import { singular } from "../../names/plural.ts";
import { ACCOUNTS } from "../census/read_slots.ts";
import type { Draft, DraftColumn } from "./draft.ts";
import type { Facts } from "./facts.ts";
import type { ForeignKeyPlan, OrphansPlan, OwnerPlan, Source } from "./store_plan.ts";

const NEARLY = 0.9;
/** Too few values to say that nearly all of them are there. */
const FEW = 5;
/** Columns that say whose a row is, the plainest first. */
const OWNERS = [
  /^user_id$/,
  /^(owner|owner_id|uid)$/,
  /^(profile|account|member)_id$/,
  /^(author|creator)(_id)?$|^created_by$/,
  /^(id|key)$/,
];

/** What a table's columns refer to. */
export interface References {
  readonly foreignKeys: readonly ForeignKeyPlan[];
  readonly orphans: readonly OrphansPlan[];
  readonly owner: OwnerPlan | undefined;
  /** Columns, with the type of what they refer to. */
  readonly columns: readonly DraftColumn[];
}

/**
 * Finds what each column refers to: a table whose ids hold every one of its values, or nearly every
 * one; and the account whose row it is.
 */
export function planReferences(
  facts: Facts,
  draft: Draft,
  drafts: readonly Draft[],
): References {
  const foreignKeys: ForeignKeyPlan[] = [];
  const orphans: OrphansPlan[] = [];
  const columns = draft.columns.map((column): DraftColumn => {
    const target = targetOf(draft, column, drafts);
    if (target === undefined) return column;
    const { parent, parentColumn, found } = target;
    const { values } = column.slot!;
    if (found < values) {
      orphans.push({
        column: column.name,
        parent: parent.name,
        parentColumn: parentColumn.name,
        rows: values - found,
        of: values,
      });
      const share = (100 * found / values).toFixed(1).replace(/\.0$/, "");
      return {
        ...column,
        evidence: [
          ...column.evidence,
          `${share} % are ids of ${parent.name}; ${
            (values - found).toLocaleString("en-US")
          } are of none`,
        ],
      };
    }
    foreignKeys.push({
      columns: [column.name],
      parent: parent.name,
      parentColumns: [parentColumn.name],
      postponed: false,
    });
    return {
      ...column,
      evidence: [...column.evidence, `every one is the id of a row of ${parent.name}`],
    };
  });
  const whole = wholeKeys(facts, draft, drafts, foreignKeys);
  return { foreignKeys: [...foreignKeys, ...whole], orphans, owner: ownerOf(draft), columns };
}

/** References to rows that are known by their parent and an id together. */
function wholeKeys(
  facts: Facts,
  draft: Draft,
  drafts: readonly Draft[],
  found: readonly ForeignKeyPlan[],
): ForeignKeyPlan[] {
  const [mine] = draft.sources;
  if (draft.sources.length !== 1 || mine === undefined || mine.kind === "settings") return [];
  return drafts.flatMap((parent): ForeignKeyPlan[] => {
    const [theirs] = parent.sources;
    const [above, id] = parent.primaryKey;
    if (parent === draft || parent.primaryKey.length !== 2 || parent.sources.length !== 1) {
      return [];
    }
    if (theirs === undefined || theirs.kind === "settings") return [];
    const target = pairsOf(facts, theirs, parent, above!, id!);
    if (target === undefined) return [];
    const owner = draft.columns.find(({ name, type, origins: [origin] }) =>
      origin!.from === "segment" &&
      type === parent.columns.find((column) => column.name === above)!.type &&
      name !== id
    );
    if (owner === undefined) return [];
    return draft.columns.flatMap((column): ForeignKeyPlan[] => {
      const taken = found.some((key) => key.columns.includes(column.name));
      if (taken || column === owner || draft.primaryKey.includes(column.name)) return [];
      const pairs = pairsOf(facts, mine, draft, owner.name, column.name);
      const all = pairs !== undefined && pairs.pairs > 0 &&
        pairs.same.get(target.set.id) === pairs.pairs;
      const type = parent.columns.find(({ name }) => name === id)!.type;
      return all && type === column.type && isNamed(column, parent)
        ? [{
          columns: [owner.name, column.name],
          parent: parent.name,
          parentColumns: [above!, id!],
          postponed: false,
        }]
        : [];
    });
  });
}

/** The pairs of a column from the key and one from the document. */
function pairsOf(
  facts: Facts,
  source: Exclude<Source, { kind: "settings" }>,
  { columns }: Draft,
  owner: string,
  name: string,
) {
  const from = columns.find((column) => column.name === owner)?.origins[0];
  const to = columns.find((column) => column.name === name)?.origins[0];
  if (from?.from !== "segment" || to?.from !== "member" || to.names.length > 1) return undefined;
  const place = source.kind === "records" ? "" : `${source.part.member}[]`;
  return facts.pairs(source.family, {
    place,
    segment: from.segment,
    member: to.names[0]!,
    other: 0,
  });
}

function targetOf(
  draft: Draft,
  column: DraftColumn,
  drafts: readonly Draft[],
): { parent: Draft; parentColumn: DraftColumn; found: number } | undefined {
  const { slot } = column;
  if (slot === undefined || slot.values === 0 || column.type === "jsonb") return undefined;
  const own = new Set(draft.keys.map((key) => key.slot.slot.id));
  const isKey = draft.keys.some((key) => key.column === column.name);
  const isWhole = draft.primaryKey.length === 1;
  const candidates = drafts.flatMap((parent) => {
    if (parent === draft && (isKey || own.has(slot.slot.id))) return [];
    const unique = parent.primaryKey.length === 1 ? [parent.primaryKey[0]!] : [];
    return [...unique, ...parent.lookups].flatMap((name) => {
      const keys = parent.keys.filter((key) => key.column === name);
      if (keys.length === 0) return [];
      const counts = keys.map(({ slot: key }) =>
        key.slot.id === slot.slot.id ? slot.values : slot.found.get(key.slot.id) ?? 0
      );
      // ids of several generations, none of which is in two of them
      const apart = keys.every(({ slot: one }, nth) =>
        keys.slice(nth + 1).every(({ slot: other }) => !one.found.has(other.slot.id))
      );
      const found = apart
        ? Math.min(slot.values, counts.reduce((sum, each) => sum + each, 0))
        : Math.max(...counts);
      const parentColumn = parent.columns.find((each) => each.name === name)!;
      return [{ parent, parentColumn, found, named: isNamed(column, parent) }];
    });
  });
  const enough = candidates.filter(({ found, named, parent }) =>
    found === slot.values && (named || isStrong(column) || isKind(draft, parent)) ||
    found >= NEARLY * slot.values && slot.values >= FEW && named
  );
  // a record whose own id another has, too, is no child of it by that alone
  const fitting = enough.filter(({ named, found, parent }) =>
    !isKey || named || !isWhole && isKind(draft, parent) ||
    found === slot.values && column.name !== "id"
  );
  return fitting.toSorted((one, other) =>
    Number(other.found === slot.values) - Number(one.found === slot.values) ||
    Number(other.named) - Number(one.named) || other.found - one.found ||
    Number(other.parentColumn.name === "id") - Number(one.parentColumn.name === "id")
  )[0];
}

/** Whether the column's name speaks of the table. */
function isNamed(column: DraftColumn, parent: Draft): boolean {
  const name = singular(snakeCase(column.name).replace(/_(id|uid|uuid|key|ref)$/, ""));
  const heads = parent.families.map(({ segments }) => singular(snakeCase(segments[0] ?? "")));
  const people = /^(user|profile|account|member|customer)s?$/;
  return [parent.singular, singular(parent.name), ...heads].some((one) =>
    one !== "" && (name === one || name.endsWith(`_${one}`) || one.endsWith(`_${name}`))
  ) || (people.test(parent.singular) || heads.some((head) => people.test(head))) &&
      /(^|_)(user|owner|author|creator|by|uid|sender|recipient|receiver|member|admin|assignee|participant|follower|attendee)$/
        .test(name);
}

/** Whether one is a kind of the other by its name: a saved book is a book. */
function isKind(draft: Draft, parent: Draft): boolean {
  return draft.singular.endsWith(`_${parent.singular}`);
}

/** Whether values are ids by their looks: uuids, or long and made. */
function isStrong({ type, slot, name }: DraftColumn): boolean {
  if (type === "uuid") return true;
  return type === "text" && slot!.distinct > 1 && /(^|_)(id|ids|uid|by|ref|key)$/.test(name);
}

function ownerOf({ columns }: Draft): OwnerPlan | undefined {
  const found = columns.filter(({ slot, type, notNull }) =>
    type === "uuid" && notNull && slot !== undefined && slot.values > 0 &&
    slot.found.get(ACCOUNTS) === slot.values
  );
  const column = OWNERS.map((pattern) => found.find(({ name }) => pattern.test(name)))
    .find((each) => each !== undefined);
  if (column === undefined) return undefined;
  const { values } = column.slot!;
  return {
    column: column.name,
    why: `all ${values.toLocaleString("en-US")} values are ids of accounts`,
  };
}
