import { redact } from "../../../supabase/functions/_shared/core/redact.ts";
import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import { quoted } from "../staging/quoted.ts";
import { SqlScanner } from "./dump/sql_scanner.ts";
import type { Source } from "./read_source.ts";
import { sourceFailure } from "./source_failure.ts";

/**
 * Makes sure that a condition is one and no more: it ends in the brackets where it begins, so that
 * it can narrow a selection and never widen it.
 *
 * @param table The table whose rows it is about.
 * @throws What the source fails with for other reasons; LF008 for one that closes a bracket, begins a comment or another statement, or that the
 * source does not understand.
 */
export async function checkCondition(
  source: Source,
  schema: string,
  table: string,
  condition: string,
): Promise<void> {
  const wrong = (details: string, cause?: unknown) =>
    new LandfallError("LF008", `The condition for table ${table} makes no sense`, {
      details,
      hint:
        'Give a condition as it would stand after where, such as --where "leads:interest > 3". ' +
        "What is not Postgres's own is written with its schema.",
      cause,
    });
  if (!staysInBrackets(condition)) {
    throw wrong("Its brackets, quotes and comments must end within it, and it has no semicolon.");
  }
  const before = `select from ${quoted(schema)}.${quoted(table)} where `;
  for (const start of [`${before}(`, `${before}not (`]) {
    try {
      await source.parse(`${start}${condition}\n)`);
    } catch (error) {
      const { code = "", message, position } = error as {
        code?: string;
        message: string;
        position?: string;
      };
      if (!/^(42|22|0A|3F)/.test(code) || code === "42501") {
        throw sourceFailure(error, { source: source.name, table });
      }
      const at = Number(position) - start.length;
      const place = at > 0 && at <= condition.length ? `, at character ${at}` : "";
      throw wrong(redact(`The source says: ${message}${place}.`), error);
    }
  }
}

function staysInBrackets(condition: string): boolean {
  const scanner = new SqlScanner();
  const bytes = new TextEncoder().encode(`${condition}\n`);
  const end = scanner.scan(bytes, bytes.length, true);
  return end === -1 && scanner.balanced && !condition.includes("\0");
}
