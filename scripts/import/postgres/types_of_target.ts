import type { Transaction } from "../../database/in_transaction.ts";
import type { ColumnType, Relation } from "./list_relations.ts";

/** A type as the target writes it; null where it has none of that name. */
interface Known {
  readonly label: string | null;
  readonly bare: string | null;
  readonly element: string | null;
}

/**
 * Writes the types of a source's columns as the target does: a text that the source wrote must never
 * be part of a statement here, for a hostile one would be executed by the database's owner.
 *
 * @returns The relations, where a type of Postgres's own that the target lacks is one no more.
 */
export async function typesOfTarget(
  transaction: Transaction,
  relations: readonly Relation[],
): Promise<Relation[]> {
  const types = relations.flatMap(({ columns }) => columns.map(({ type }) => type));
  const asked = types.map(({ name, modifier }) => ({ name, modifier: Number(modifier) }));
  const known = await transaction<Known[]>`
    select
      pg_catalog.format_type(pg_type.oid, asked.modifier) as label,
      pg_catalog.format_type(pg_type.oid, -1) as bare,
      pg_catalog.format_type(nullif(pg_type.typelem, 0::pg_catalog.oid), -1) as element
    from pg_catalog.json_array_elements(${JSON.stringify(asked)}::pg_catalog.text::pg_catalog.json)
      with ordinality as items (item, nth)
    cross join lateral pg_catalog.json_to_record(items.item)
      as asked (name pg_catalog.name, modifier pg_catalog.int4)
    left join pg_catalog.pg_type
      on pg_type.typname operator(pg_catalog.=) asked.name
      and pg_type.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
      and pg_type.typtype in ('b', 'r', 'm')
    order by items.nth
  `;
  const written = new Map(types.map((type, nth) => [type, writtenBy(type, known[nth]!)]));
  return relations.map((relation) => ({
    ...relation,
    columns: relation.columns.map((column) => ({ ...column, type: written.get(column.type)! })),
  }));
}

function writtenBy(type: ColumnType, { label, bare, element }: Known): ColumnType {
  if (!type.builtin) return type;
  if (label === null || bare === null) return { ...type, builtin: false };
  if (!type.element) return { ...type, label, bare };
  if (element === null) return { ...type, builtin: false };
  return { ...type, label, bare, element: { ...type.element, bare: element } };
}
