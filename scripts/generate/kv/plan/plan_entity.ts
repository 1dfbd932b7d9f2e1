import { snakeCase } from "../../names/name_hints.ts";
import type { Draft, DraftColumn } from "./draft.ts";
import type { Facts } from "./facts.ts";
import { planReferences } from "./plan_references.ts";
import type { CheckPlan, EntityPlan, IndexPlan, UniquePlan } from "./store_plan.ts";

const ENUMERATION =
  /(^|_)(status|state|type|kind|role|level|category|priority|mode|plan|currency|gender|tier|stage|visibility|method|severity|frequency|unit|difficulty)$/;
const UNIQUE =
  /(^|_)(email|slug|sku|username|handle|login|code|serial|order_number|invoice_number|reference)$/;
const MOST_VALUES = 8;
const LEAST_REPEATS = 4;
const LEAST_UNIQUE = 5;
const count = (value: number): string => value.toLocaleString("en-US");

/** Decides a table's constraints and indexes, by what its values are. */
export function planEntity(facts: Facts, draft: Draft, drafts: readonly Draft[]): EntityPlan {
  const { foreignKeys, orphans, owner, columns } = planReferences(facts, draft, drafts);
  const referring = new Set(foreignKeys.flatMap((key) => key.columns));
  const uniques = uniquesOf(draft, columns, referring);
  const uniqueNames = new Set(uniques.flatMap((each) => each.columns));
  const leading = new Set([draft.primaryKey[0]!, ...uniqueNames]);
  const indexes: IndexPlan[] = [
    ...foreignKeys.filter(({ columns }) =>
      columns.length > 1 && columns.join() !== draft.primaryKey.join()
    ).map(({ columns }) => ({ columns, why: "whoever deletes a parent looks here" })),
    ...[
      ...new Set(
        foreignKeys.filter(({ columns }) => columns.length === 1).flatMap((key) => key.columns),
      ),
      ...orphans.map(({ column }) => column),
    ]
      .filter((name) => !leading.has(name))
      .map((name) => ({ columns: [name], why: "whoever deletes a parent looks here" })),
    ...draft.lookups.filter((name) => !leading.has(name) && !referring.has(name))
      .map((name) => ({ columns: [name], why: "the app looks up by it" })),
    ...owner === undefined || leading.has(owner.column) || referring.has(owner.column)
      ? []
      : [{ columns: [owner.column], why: "row level security looks here" }],
  ];
  return {
    name: draft.name,
    comment: draft.comment,
    sources: draft.sources,
    columns: columns.map((column) => withDefault(draft, column)),
    primaryKey: draft.primaryKey,
    uniques,
    checks: columns.flatMap((column) => checkOf(draft, column, referring)),
    foreignKeys,
    orphans,
    indexes: indexes.filter(({ columns: [name] }, nth) =>
      indexes.findIndex((each) => each.columns[0] === name) === nth
    ),
    owner,
    secrets: draft.secrets,
  };
}

/** New rows get ids of their own, where the old ones were uuids. */
function withDefault(draft: Draft, column: DraftColumn): DraftColumn {
  const isId = draft.primaryKey.length === 1 && draft.primaryKey[0] === column.name &&
    column.name === "id" && column.type === "uuid";
  const times = /^(created|updated)_at$/.test(column.name) && column.type === "timestamptz";
  if (isId) return { ...column, default: "gen_random_uuid()" };
  return times ? { ...column, default: "now()" } : column;
}

function uniquesOf(
  draft: Draft,
  columns: readonly DraftColumn[],
  referring: ReadonlySet<string>,
): UniquePlan[] {
  return columns.flatMap((column): UniquePlan[] => {
    const { slot, name, values } = column;
    if (slot === undefined || referring.has(name) || draft.primaryKey.includes(name)) return [];
    if (slot.distinct !== slot.values || slot.values !== values) return [];
    const isLookup = draft.lookups.includes(name);
    if (!isLookup && !(UNIQUE.test(snakeCase(name)) && values >= LEAST_UNIQUE)) return [];
    return [{
      columns: [name],
      why: `no two of ${count(values)} are alike${isLookup ? ", and the app looks up by it" : ""}`,
    }];
  });
}

function checkOf(
  draft: Draft,
  { slot, name, type, values }: DraftColumn,
  referring: ReadonlySet<string>,
): CheckPlan[] {
  if (slot === undefined || type !== "text" || referring.has(name)) return [];
  if (draft.primaryKey.includes(name) || !ENUMERATION.test(snakeCase(name))) return [];
  const { common, distinct } = slot;
  const isClosed = common.length > 0 && common.length === distinct && distinct <= MOST_VALUES &&
    slot.values === values && slot.values >= LEAST_REPEATS * distinct &&
    common.every(([value]) => value.length <= 40);
  return isClosed
    ? [{
      column: name,
      values: common.map(([value]) => value),
      why: common.map(([value, many]) => `${value} ${count(many)}`).join(", "),
    }]
    : [];
}
