import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import type { Transaction } from "../database/in_transaction.ts";

/** Lines that are records, each with its number in the file. */
export type Chunk = readonly { readonly number: number; readonly json: string }[];

/** Data errors are a line's fault: 22 is a value out of range, 54 one that is too large. */
const DATA_ERROR = /^(22|54)/;

/**
 * Puts records into a store, over those that have the same key.
 *
 * COPY would be a little faster, but the driver never answers when one fails at its end.
 *
 * @param table The store, schema-qualified.
 * @param keptFields Fields that a record in the store keeps when the new one lacks them.
 * @returns How many keys the store holds now.
 * @throws LF010 for a record that Postgres cannot store, by its line.
 */
export async function insertRecords(
  transaction: Transaction,
  table: string,
  chunks: AsyncIterable<Chunk>,
  keptFields: readonly string[] = [],
): Promise<number> {
  const name = transaction(table);
  for await (const chunk of chunks) await insert(transaction, table, chunk, keptFields);
  await transaction`analyze ${name}`;
  const [counted] = await transaction<{ keys: number }[]>`
    select count(*)::int as keys from ${name}
  `;
  return counted!.keys;
}

/** Inserts records; when that fails, halves them until the line that is to blame stands alone. */
async function insert(
  transaction: Transaction,
  table: string,
  chunk: Chunk,
  keptFields: readonly string[],
): Promise<void> {
  const lines = chunk.map(({ json }) => json).join("\n");
  try {
    await transaction.savepoint((savepoint) =>
      savepoint`
        insert into ${savepoint(table)} as store (key, value)
        select distinct on (record ->> 'key') record ->> 'key', record -> 'value'
        from string_to_table(${lines}, E'\n') with ordinality as lines (line, place)
          cross join lateral (select line::jsonb as record) as parsed
        order by record ->> 'key', place desc
        on conflict (key) do update set value = ${newValue(savepoint, keptFields)}
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
    await insert(transaction, table, chunk.slice(0, middle), keptFields);
    await insert(transaction, table, chunk.slice(middle), keptFields);
  }
}

function newValue(transaction: Transaction, keptFields: readonly string[]) {
  if (keptFields.length === 0) return transaction`excluded.value`;
  return transaction`
    case
      when jsonb_typeof(store.value) = 'object' and jsonb_typeof(excluded.value) = 'object'
        then (
          select coalesce(jsonb_object_agg(fields.name, fields.value), '{}')
          from jsonb_each(store.value) as fields (name, value)
          where ${JSON.stringify(keptFields)}::text::jsonb ? fields.name
        ) || excluded.value
      else excluded.value
    end
  `;
}
