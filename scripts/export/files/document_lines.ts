import type { Readable } from "node:stream";
import type { Transaction } from "../../database/in_transaction.ts";
import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import type { ChosenCollection, Rule } from "./choose_collections.ts";
import type { RejectedRows } from "./manifest.ts";

/**
 * Reads the documents of a collection, a line each, as Postgres makes them.
 *
 * The format is CSV with a quote and a delimiter that JSON cannot hold, so that a document comes as
 * it is. Its line breaks stand between tokens and can be blanks.
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
      select translate(document::text, E'\\n\\r', '  ') from ${transform} where ${kept(rules)}
    ) to stdout (format csv, quote E'\\x01', delimiter E'\\x02')`,
  );
  const cancel = () => query.cancel();
  try {
    signal.throwIfAborted();
    // Postgres says nothing before the first documents are made
    signal.addEventListener("abort", cancel);
    const stream: Readable = await query.readable();
    yield* stream;
  } catch (error) {
    throw unreadable(error, collection);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** Counts the rows that each rule keeps out. */
export async function rejectedRows(
  transaction: Transaction,
  { transform, rules, collection }: ChosenCollection,
): Promise<RejectedRows[]> {
  const found: RejectedRows[] = [];
  for (const { name, reason, condition } of rules) {
    try {
      const [row] = await transaction.unsafe(
        `select count(*)::int as rows from ${transform} where (${condition}) is false`,
      );
      if (row!.rows > 0) found.push({ rule: name, reason, rows: row!.rows });
    } catch (error) {
      throw unreadable(error, collection);
    }
  }
  return found;
}

function kept(rules: readonly Rule[]): string {
  return ["true", ...rules.map(({ condition }) => `(${condition}) is not false`)].join(" and ");
}

/** What Postgres raises may quote a value: that stays here. */
function unreadable(error: unknown, collection: string): unknown {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  if (!/^(22|23|54)/.test(code)) return error;
  return new LandfallError("LF011", `A document of ${collection} cannot be made`, {
    details: `SQLSTATE ${code}: ${message.replace(/"[^"]*"/g, "…")}`,
    hint:
      "Mend the view or the row: export-documents, run against a MongoDB, rejects such rows and " +
      "names them; so does its --dry-run.",
    cause: error,
  });
}
