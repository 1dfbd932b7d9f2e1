import type { Transaction } from "../../database/in_transaction.ts";
import { addPrimaryKey } from "../staging/add_primary_key.ts";
import { makeTable } from "../staging/make_table.ts";
import { openCopy } from "../staging/open_copy.ts";
import { quoted } from "../staging/quoted.ts";
import { withoutIndexes } from "../staging/without_indexes.ts";
import { gather } from "./gather.ts";
import type { TablePlan } from "./plan_table.ts";
import type { Source } from "./read_source.ts";
import { rowRefusal } from "./row_refusal.ts";

/** What became of a table. */
export interface LoadedTable {
  /** The table in schema staging. */
  readonly staging: string;
  /** Whether the import made it. */
  readonly made: boolean;
  readonly rows: number;
  readonly notImported: readonly string[];
  readonly notFilled: readonly string[];
  /** Columns whose times had no zone and were taken for UTC. */
  readonly asUtc: readonly string[];
  /** The condition that its rows met. */
  readonly condition?: string;
  /** The companies whose rows were replaced, where only some were. */
  readonly companies?: readonly string[];
}

/** What a table is loaded with. */
export interface Loading {
  readonly transaction: Transaction;
  readonly source: Source;
  readonly pipeline: string;
  /** What the source is, for the comment on a table that is made. */
  readonly kind: string;
  /** Whether the staging table is filled from nothing. */
  readonly whole: boolean;
  /** Is told how many rows were read, about. */
  readonly onRows: (rows: number) => void;
}

/**
 * Copies the rows of a table into its staging table, which is made here or holds none of them.
 *
 * @param query What gives the rows.
 * @throws LF011 when a value does not cast, or the table refuses a row.
 */
export async function loadTable(
  { transaction, source, pipeline, kind, whole, onRows }: Loading,
  plan: TablePlan,
  query: string,
): Promise<LoadedTable> {
  const { relation, staging, columns, makes, existing } = plan;
  if (makes) {
    const about = `Table ${relation.name} of ${kind}, for pipeline ${pipeline}.`;
    await makeTable(transaction, { name: staging, columns, about }, existing !== undefined);
  }
  const list = columns.map(({ name }) => quoted(name)).join(", ");
  // a table without columns has rows all the same
  const of = columns.length === 0 ? "" : ` (${list})`;
  const into = `copy staging.${quoted(staging)}${of} from stdin (format binary)`;
  const casts = columns.filter(({ mayFail }) => mayFail)
    .map(({ source: { name: column }, type }) => ({ column, type }));
  const rows = source.copy(`copy (${query}) to stdout (format binary)`, {
    table: relation.name,
    casts,
  });
  const fill = async () => {
    await using copy = await openCopy(transaction, into);
    for await (const { bytes, pieces } of gather(rows)) {
      await copy.write(bytes);
      onRows(pieces);
    }
    return await copy.end();
  };
  let count: number;
  try {
    count = await (whole && !makes ? withoutIndexes(transaction, staging, fill) : fill());
  } catch (error) {
    throw rowRefusal(error, plan);
  }
  if (makes && relation.primaryKey.length > 0) {
    await addPrimaryKey(transaction, staging, relation.primaryKey);
  }
  await transaction.unsafe(`analyze staging.${quoted(staging)}`);
  return {
    staging: `staging.${staging}`,
    made: makes || (existing?.made ?? false),
    rows: count,
    notImported: plan.notImported,
    notFilled: plan.notFilled,
    asUtc: columns.filter(({ asUtc }) => asUtc).map(({ source: { name } }) => name),
  };
}
