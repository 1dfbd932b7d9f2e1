import { literal } from "../../sql/literal.ts";
import type { Family } from "../plan/family.ts";
import type { ColumnPlan } from "../plan/store_plan.ts";
import { readSql } from "./read_sql.ts";
import { segmentSql } from "./segment_sql.ts";

/**
 * Writes what a column becomes in one source of its entity.
 *
 * @param attributes The aliases of the records that hold one more value, by family.
 */
export function valueSql(
  column: ColumnPlan,
  source: number,
  family: Family | undefined,
  attributes: ReadonlyMap<Family, string>,
): string {
  const { text, json } = placeSql(column, source, family, attributes);
  // a key has no nulls
  if (text === "null") return column.notNull ? "''" : `null::${column.type}`;
  const read = readSql(column.form, text, json, column.empties);
  switch (column.type) {
    case "text":
    case "jsonb":
    case "uuid":
    case "bigint":
    case "numeric":
    case "boolean":
    case "date":
    case "timestamptz":
      return read;
    case "integer":
      return column.form === "integer" && text !== "legacy.place"
        ? read.replace("::bigint", "::integer")
        : text === "legacy.place"
        ? text
        : `(${text})::integer`;
    default:
      return `(${read})::${column.type}`;
  }
}

function placeSql(
  { origins }: ColumnPlan,
  source: number,
  family: Family | undefined,
  attributes: ReadonlyMap<Family, string>,
): { text: string; json: string } {
  const origin = origins[source]!;
  switch (origin.from) {
    case "segment": {
      const text = segmentSql(family!, origin.segment, "legacy.key");
      return { text, json: `to_jsonb(${text})` };
    }
    case "member": {
      const texts = origin.names.map((name) => `legacy.record ->> ${literal(name)}`);
      const jsons = origin.names.map((name) => `nullif(legacy.record -> ${literal(name)}, 'null')`);
      return texts.length === 1
        ? { text: texts[0]!, json: `legacy.record -> ${literal(origin.names[0]!)}` }
        : { text: `coalesce(${texts.join(", ")})`, json: `coalesce(${jsons.join(", ")})` };
    }
    case "rest": {
      const names = origin.names.map(literal).join(", ");
      const rest = origin.names.length === 0 ? "legacy.record" : `legacy.record - array[${names}]`;
      const json = `case jsonb_typeof(legacy.record) when 'object' then nullif(${rest}, '{}') end`;
      return { text: json, json };
    }
    case "attribute": {
      const alias = attributes.get(origin.family)!;
      return { text: `${alias}.record #>> '{}'`, json: `${alias}.record` };
    }
    case "element":
    case "value":
      return { text: "legacy.record #>> '{}'", json: "legacy.record" };
    case "position":
      return { text: "legacy.place", json: "to_jsonb(legacy.place)" };
    case "name":
      return { text: "legacy.name", json: "to_jsonb(legacy.name)" };
    case "key":
      return { text: "legacy.key", json: "to_jsonb(legacy.key)" };
    case "nothing":
      return { text: "null", json: "null" };
  }
}
