import type { Source as Database } from "../../../import/sqlite/open_source.ts";
import type { FileForeignKey } from "./file_schema.ts";

interface Row {
  readonly id: number;
  readonly parent: string;
  readonly from: string;
  readonly to: string | null;
  readonly onDelete: string;
  readonly onUpdate: string;
}

/**
 * Reads a table's foreign keys, in the order in which they were declared.
 *
 * @param deferred The columns of those that are deferred, which pragmas do not tell.
 */
export function readForeignKeys(
  { database }: Database,
  table: string,
  deferred: readonly (readonly string[])[],
): FileForeignKey[] {
  const rows = database.prepare(
    `select id, "table" as parent, "from", "to", on_delete as onDelete, on_update as onUpdate
     from pragma_foreign_key_list(?) order by id desc, seq`,
  ).all(table) as unknown as Row[];
  const keyOf = database.prepare(
    "select name from pragma_table_xinfo(?) where pk > 0 order by pk",
  );
  return [...Map.groupBy(rows, ({ id }) => id).values()].map((parts) => {
    const { parent, onDelete, onUpdate } = parts[0]!;
    const columns = parts.map(({ from }) => from);
    return {
      columns,
      parent,
      parentColumns: parts[0]!.to === null
        ? (keyOf.all(parent) as { name: string }[]).map(({ name }) => name)
        : parts.map(({ to }) => to!),
      onDelete: onDelete.toLowerCase(),
      onUpdate: onUpdate.toLowerCase(),
      deferred: deferred.some((names) => same(names, columns)),
    };
  });
}

/** SQLite's names differ by more than their case. */
function same(one: readonly string[], other: readonly string[]): boolean {
  return one.join("\0").toLowerCase() === other.join("\0").toLowerCase();
}
