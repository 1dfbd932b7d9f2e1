import { literal } from "../staging/literal.ts";
import { quoted } from "../staging/quoted.ts";
import type { Companies } from "./choose_companies.ts";
import type { TablePlan } from "./plan_table.ts";

/** Which rows of a table are read. */
export interface Selection {
  readonly schema: string;
  readonly companies: Companies | undefined;
  readonly condition: string | undefined;
}

/**
 * The query that reads the chosen rows of a table.
 *
 * The company's column stands alone, so that its index is used; keys are of its type.
 */
export function rowsQuery(
  { relation, columns }: TablePlan,
  { schema, companies, condition }: Selection,
): string {
  const conditions = [
    ...(companies ? [isOneOf(companies, relation)] : []),
    // on lines of its own: a comment at its end must not hide the bracket
    ...(condition === undefined ? [] : [`(${condition}\n)`]),
  ];
  const list = columns.map(({ expression }) => expression).join(", ");
  const from = `${quoted(schema)}.${quoted(relation.name)}`;
  const where = conditions.length > 0 ? ` where ${conditions.join(" and ")}` : "";
  return `select ${list} from ${from}${where}`;
}

function isOneOf({ keys, columnOf }: Companies, relation: TablePlan["relation"]): string {
  const { name, type } = columnOf(relation);
  const list = keys.map((key) => `${literal(key)}::${type.bare}`).join(", ");
  return `${quoted(relation.name)}.${quoted(name)} = any (array[${list}])`;
}
