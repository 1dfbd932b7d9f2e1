import { copyOut } from "../../database/copy_out.ts";
import type { Transaction } from "../../database/in_transaction.ts";
import type { ChosenCollection, Rule } from "./choose_collections.ts";
import { unreadable } from "./unreadable.ts";

/**
 * Reads the documents of a collection, a line each, as Postgres makes them.
 *
 * The format is CSV with a quote and a delimiter that JSON cannot hold, so that a document comes as
 * it is. Its line breaks stand between tokens and can be blanks; replace() finds none in a tenth of
 * the time that translate() takes.
 *
 * @param signal Ends the reading, also while Postgres makes a document.
 * @throws LF011 when a row cannot be computed.
 */
export async function* documentLines(
  transaction: Transaction,
  { transform, rules, collection }: ChosenCollection,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const query = transaction.unsafe(
    `copy (
      select replace(replace(document::text, E'\\n', ' '), E'\\r', ' ')
      from ${transform}
      where ${kept(rules)}
    ) to stdout (format csv, quote E'\\x01', delimiter E'\\x02')`,
  );
  try {
    yield* copyOut(query, signal);
  } catch (error) {
    throw unreadable(error, `A document of ${collection} cannot be made`);
  }
}

function kept(rules: readonly Rule[]): string {
  return ["true", ...rules.map(({ condition }) => `(${condition}) is not false`)].join(" and ");
}
