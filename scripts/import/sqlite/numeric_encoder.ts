import type { CellEncoder } from "./cell_encoder.ts";
import { decimal } from "./decimal.ts";
import { misfit } from "./misfit.ts";
import { numericField } from "./numeric_field.ts";

/**
 * Makes the encoder for a numeric column: a real goes over as the shortest decimal number that is
 * read as the same real.
 *
 * @param type The column's type, for messages.
 * @param mostWhole How many digits it holds before the point; Infinity without a precision.
 * @param mostDecimals How many it holds behind it.
 */
export function numericEncoder(
  type: string,
  mostWhole: number,
  mostDecimals: number,
): CellEncoder {
  return (buffer, cell) => {
    if (typeof cell !== "number" && typeof cell !== "bigint") return misfit(cell, type);
    // a numeric has no negative zero, and none with a precision is infinite
    const bounded = mostWhole !== Infinity;
    if (Object.is(cell, -0) || (bounded && Math.abs(Number(cell)) === Infinity)) {
      return misfit(cell, type);
    }
    const value = cell.toString();
    if (bounded) {
      const { whole, decimals } = decimal(value.replace("-", ""));
      const digits = whole.replace(/^0+/, "").length;
      if (digits > mostWhole || decimals.length > mostDecimals) {
        return misfit(cell, type, "that does not fit");
      }
    }
    buffer.bytes(numericField(value));
  };
}
