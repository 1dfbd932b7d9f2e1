import { refused } from "./refused.ts";
import { textLiteral } from "./text_literal.ts";
import { LEVEL, MOST_INTEGER, type Refused, type Term } from "./term.ts";

const MOST = 2n ** 63n - 1n;
/** A decimal of so many digits and powers of ten is read as the same double everywhere. */
const [MOST_DIGITS, MOST_POWER] = [15, 22];

/**
 * The term of a literal: a number by its spelling, or a text or a blob by its value.
 *
 * @param literal A number is spelled as in SQLite; it may have a minus.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const sql = (...literal: Parameters<typeof literalTerm>) => {
 *   const term = literalTerm(...literal);
 *   return term.kind === "refused" ? term.why : term.sql;
 * };
 * assertEquals(sql({ number: "1.50" }), "1.50");
 * assertEquals(sql({ number: "-0x1F" }), "-31");
 * assertEquals(sql({ text: "it's" }), "'it''s'");
 * assertEquals(sql({ bytes: new Uint8Array([0, 255]) }), String.raw`'\x00ff'::bytea`);
 * ```
 */
export function literalTerm(
  literal: { number: string } | { text: string } | { bytes: Uint8Array },
): Term | Refused {
  if ("number" in literal) return numberTerm(literal.number);
  if ("bytes" in literal) {
    return {
      kind: "bytes",
      sql: String.raw`'\x${literal.bytes.toHex()}'::bytea`,
      level: LEVEL.cast,
    };
  }
  const { text } = literal;
  if (text.includes("\0")) return refused("a text has the character NUL");
  return { kind: "text", sql: textLiteral(text), level: LEVEL.primary, literal: text };
}

function numberTerm(spelling: string): Term | Refused {
  const negative = spelling.startsWith("-");
  const plain = negative ? spelling.slice(1) : spelling;
  const level = negative ? LEVEL.sign : LEVEL.primary;
  if (/^(?:0x[0-9a-f]+|\d+)$/i.test(plain)) {
    const hex = plain.length > 1 && /^0x/i.test(plain);
    // hexadecimal ones say the bits; Postgres 15 does not read them
    const value = hex ? BigInt.asIntN(64, BigInt(plain)) : BigInt(plain);
    if (value > MOST || value < -MOST || (hex && plain.length > 18)) {
      return refused(`${spelling} is no integer of 64 bits`);
    }
    const signed = negative ? -value : value;
    const size = value < 0n ? -value : value;
    const sql = hex ? String(signed) : spelling;
    return {
      kind: "integer",
      sql,
      level: sql.startsWith("-") ? LEVEL.sign : LEVEL.primary,
      literal: signed,
      ...(size <= MOST_INTEGER && { most: size }),
    };
  }
  const { whole = "", decimals = "", power = "0" } =
    /^(?<whole>\d*)\.?(?<decimals>\d*)(?:e(?<power>[+-]?\d+))?$/i.exec(plain)?.groups ?? {};
  const digits = `${whole}${decimals}`.replace(/^0+/, "");
  const exponent = Math.abs(Number(power) - decimals.length);
  if (digits.length > MOST_DIGITS || exponent > MOST_POWER) {
    return refused(`${spelling} has more digits than a double holds for certain`);
  }
  return { kind: "real", sql: spelling, level, literal: Number(spelling) };
}
