import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import type { Transaction } from "../database/in_transaction.ts";

/** Lines that are records, each with its number in the file. */
export type Chunk = readonly { readonly number: number; readonly json: string }[];

const LOCK_NOT_AVAILABLE = "55P03";

/**
 * Replaces the contents of a pipeline's store.
 *
 * COPY would be a little faster, but the driver never answers when one fails at its end.
 *
 * @param table The store, schema-qualified.
 * @param chunks The records in their order; of records with one key the last stays.
 * @returns How many keys the store holds now.
 * @throws LF010 for a record that Postgres cannot store, by its line.
 */
export async function loadStore(
  transaction: Transaction,
  table: string,
  chunks: AsyncIterable<Chunk>,
): Promise<number> {
  const name = transaction(table);
  await empty(transaction, table);
  for await (const chunk of chunks) await insert(transaction, table, chunk);
  await transaction`analyze ${name}`;
  const [counted] = await transaction<{ keys: number }[]>`
    select count(*)::int as keys from ${name}
  `;
  return counted!.keys;
}

async function empty(transaction: Transaction, table: string): Promise<void> {
  await transaction`set local lock_timeout = '5s'`;
  try {
    await transaction`truncate ${transaction(table)}`;
  } catch (cause) {
    if ((cause as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw cause;
    throw new LandfallError("LF202", `A run is reading ${table}`, {
      hint: "Wait for the run to end, then import again.",
      cause,
    });
  }
}

/** Data errors are a line's fault: 22 is a value out of range, 54 one that is too large. */
const DATA_ERROR = /^(22|54)/;

/** Inserts records; when that fails, halves them until the line that is to blame stands alone. */
async function insert(transaction: Transaction, table: string, chunk: Chunk): Promise<void> {
  const lines = chunk.map(({ json }) => json).join("\n");
  try {
    await transaction.savepoint((savepoint) =>
      savepoint`
        insert into ${savepoint(table)} as store (key, value)
        select distinct on (record ->> 'key') record ->> 'key', record -> 'value'
        from string_to_table(${lines}, E'\n') with ordinality as lines (line, place)
          cross join lateral (select line::jsonb as record) as parsed
        order by record ->> 'key', place desc
        on conflict (key) do update set value = excluded.value
      `
    );
  } catch (error) {
    const { code = "", message } = error as { code?: string; message: string };
    if (!DATA_ERROR.test(code)) throw error;
    if (chunk.length === 1) {
      throw new LandfallError("LF010", `Line ${chunk[0]!.number} cannot be stored`, {
        details: message,
        hint: "Correct the line. Nothing of the file is loaded.",
        cause: error,
      });
    }
    const middle = Math.ceil(chunk.length / 2);
    await insert(transaction, table, chunk.slice(0, middle));
    await insert(transaction, table, chunk.slice(middle));
  }
}
