import { type ColumnType, columnType } from "./column_type.ts";
import { declaredType } from "./declared_type.ts";
import type { Measure } from "./measure_table.ts";
import type { Source } from "./open_source.ts";
import type { TablePlan } from "./plan_table.ts";
import { readPages } from "./read_pages.ts";
import type { TargetColumn } from "./row_encoder.ts";

const FIRST_ROWS = 500;

/**
 * Gives the columns of a table the types that its values need.
 *
 * @param plan Its columns may have types already, which are only widened.
 * @param extent How much is looked at.
 */
export function valueTypes(
  source: Source,
  { source: table, columns }: Pick<TablePlan, "source" | "columns">,
  { largest }: Measure,
  extent: "first rows" | "all rows",
): TargetColumn[] {
  const names = columns.map((column) => column.source);
  const types = columns.map(({ type, guessed }) =>
    type === "" || guessed ? undefined : type as ColumnType
  );
  let rows = 0;
  for (const page of readPages(source, table, names, { exact: false, largest })) {
    for (const row of page) {
      for (let place = 0; place < types.length; place++) {
        types[place] = columnType(types[place], row[place + 1]!);
      }
    }
    rows += page.length;
    if (extent === "first rows" && rows >= FIRST_ROWS) break;
  }
  return columns.map((column, place) => ({
    ...column,
    type: types[place] ?? declaredType(table.columns[place]!.declared),
    guessed: types[place] === undefined,
  }));
}
