import { singular } from "../../names/plural.ts";
import { ColumnNames } from "./column_names.ts";
import type { Draft, DraftColumn } from "./draft.ts";
import type { Facts } from "./facts.ts";
import { type Family, hasContainers } from "./family.ts";
import { keyOf } from "./find_roles.ts";
import { guessForm } from "./guess_form.ts";
import { segmentColumns } from "./segment_columns.ts";

/** Plans the table for single values under keys of their own: the key's id, and the value. */
export function draftValues(
  facts: Facts,
  family: Family,
  { name, entities }: { readonly name: string; readonly entities: readonly Family[] },
): Draft {
  const names = new ColumnNames(singular(name));
  const segments = segmentColumns(facts, family, { entities, names, idIsRow: true });
  const isArray = hasContainers(family);
  const guess = guessForm("value", facts.member(family, "", "")?.classes ?? []);
  const value: DraftColumn = {
    name: names.take("value"),
    type: isArray ? "jsonb" : guess.type,
    form: isArray ? "json" : guess.form,
    notNull: true,
    default: undefined,
    origins: [{ from: "value" }],
    member: undefined,
    evidence: [isArray ? "arrays or objects" : guess.evidence],
    slot: facts.value(family, "", ""),
    values: family.keys,
    nearly: guess.nearly,
    empties: guess.empties,
  };
  const slot = keyOf(facts, family);
  const [id, ...others] = segments.map(({ column }) => column);
  return {
    name,
    comment: `Values under ${family.template}.`,
    singular: singular(name),
    families: [family],
    sources: [{ kind: "records", family, after: [] }],
    rows: family.keys,
    columns: [id!, ...others, value],
    primaryKey: slot === undefined || slot.distinct === family.keys
      ? [id!.name]
      : [...others, id!].map((column) => column.name),
    keys: slot === undefined ? [] : [{ slot, column: id!.name }],
    secrets: [],
    lookups: [],
  };
}

/** Plans the table for documents that there are one of: settings, schedules, counters. */
export function draftSettings(
  families: readonly Family[],
  { name }: { readonly name: string },
): Draft {
  const column = (
    column: Pick<DraftColumn, "name" | "type" | "form" | "origins">,
  ): DraftColumn => ({
    ...column,
    notNull: true,
    default: undefined,
    member: undefined,
    evidence: [],
    slot: undefined,
    values: families.length,
    nearly: undefined,
    empties: false,
  });
  return {
    name,
    comment: "Documents of which there is one, by their keys.",
    singular: singular(name),
    families: [],
    sources: [{ kind: "settings", families }],
    rows: families.length,
    columns: [
      column({ name: "name", type: "text", form: "text", origins: [{ from: "key" }] }),
      column({ name: "value", type: "jsonb", form: "json", origins: [{ from: "value" }] }),
    ],
    primaryKey: ["name"],
    keys: [],
    secrets: [],
    lookups: [],
  };
}
