import type { Transaction } from "../database/in_transaction.ts";
import { CopyBuffer } from "../import/sqlite/copy_buffer.ts";
import { copyHeader, openCopy } from "../import/staging/open_copy.ts";

/** A row of the file, as it is compared. */
export interface DigestedRow {
  /** Undefined for a key that Postgres cannot hold. */
  readonly key: string | undefined;
  /** What names the row in the file. */
  readonly name: string;
  readonly target: string | undefined;
  readonly staged: string | undefined;
  /** Whether its values can be staged: an import leaves it out if not. */
  readonly fits: boolean;
}

const FRAME_BYTES = 256 * 1024;

/** Puts the digests of a table's rows into the temporary table `file_rows`, made anew. */
export async function sendDigests(
  transaction: Transaction,
  rows: () => Iterable<DigestedRow>,
): Promise<void> {
  await transaction`drop table if exists file_rows`;
  await transaction`
    create temporary table file_rows (
      source_key text, row_name text, target text, staged text, fits boolean
    )
  `;
  await using copy = await openCopy(transaction, "copy file_rows from stdin (format binary)");
  const buffer = new CopyBuffer();
  const field = (value: string | undefined) =>
    value === undefined ? buffer.null() : buffer.text(value);
  await copy.write(copyHeader());
  for (const { key, name, target, staged, fits } of rows()) {
    buffer.row(5);
    field(key);
    field(name);
    field(target);
    field(staged);
    buffer.boolean(fits);
    if (buffer.length >= FRAME_BYTES) await copy.write(buffer.take());
  }
  buffer.row(-1);
  await copy.write(buffer.take());
  await copy.end();
  await transaction`analyze file_rows`;
}
