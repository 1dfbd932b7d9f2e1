import type { CopyBuffer } from "./copy_buffer.ts";
import type { Cell } from "./exact_row.ts";
import { misfit } from "./misfit.ts";
import { numericEncoder } from "./numeric_encoder.ts";
import { realText } from "./real_text.ts";

/** Writes a cell, or says why its column cannot hold it exactly, without its value. */
export type CellEncoder = (buffer: CopyBuffer, cell: Cell) => string | void;

/** A column's type in Postgres, as `format_type()` writes it. */
const TYPE = /^(?<name>[a-z ]+?)(?:\((?<size>\d+)(?:,(?<scale>\d+))?\))?$/;

/**
 * Makes the encoder for a column: a value goes over exactly, or not at all.
 *
 * An integer or a real in a text column becomes the shortest text that says it; a real always has a
 * point or an exponent, so that both stay apart.
 *
 * @param type The column's type, as `format_type()` writes it.
 * @param notNull Whether the column refuses NULL.
 * @returns Nothing for a type that no encoder knows.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { CopyBuffer } from "./copy_buffer.ts";
 *
 * const encode = cellEncoder("smallint", true)!;
 * const buffer = new CopyBuffer();
 * assertEquals(encode(buffer, 7n), undefined);
 * assertEquals(encode(buffer, 70_000n), "an integer that is out of range for smallint");
 * assertEquals(encode(buffer, null), "NULL in a column that refuses it");
 * assertEquals(cellEncoder("point", false), undefined);
 * ```
 */
export function cellEncoder(type: string, notNull: boolean): CellEncoder | undefined {
  const encode = encoderOf(type);
  return encode && ((buffer, cell) => {
    if (cell === null) return notNull ? "NULL in a column that refuses it" : buffer.null();
    return encode(buffer, cell);
  });
}

function encoderOf(type: string): CellEncoder | undefined {
  const { name = "", size, scale = "0" } = TYPE.exec(type)?.groups ?? {};
  switch (name) {
    case "text":
      return text(Infinity);
    case "character varying":
      return text(Number(size ?? Infinity));
    case "smallint":
      return integer(type, 16, (buffer, value) => buffer.int16(Number(value)));
    case "integer":
      return integer(type, 32, (buffer, value) => buffer.int32(Number(value)));
    case "bigint":
      return integer(type, 64, (buffer, value) => buffer.int64(value));
    case "real":
      return real(type, Math.fround, (buffer, value) => buffer.float32(value));
    case "double precision":
      return real(type, (value) => value, (buffer, value) => buffer.float64(value));
    case "numeric":
      return size === undefined
        ? numericEncoder(type, Infinity, Infinity)
        : numericEncoder(type, Number(size) - Number(scale), Number(scale));
    case "boolean":
      return (buffer, cell) =>
        cell === 0n || cell === 1n ? buffer.boolean(cell === 1n) : misfit(cell, type);
    case "bytea":
      return (buffer, cell) => cell instanceof Uint8Array ? buffer.bytes(cell) : misfit(cell, type);
    default:
      return undefined;
  }
}

function text(most: number): CellEncoder {
  return (buffer, cell) => {
    const value = typeof cell === "bigint"
      ? cell.toString()
      : typeof cell === "number"
      ? realText(cell)
      : cell;
    if (typeof value !== "string") return misfit(cell, "text");
    if (value.length > most && [...value].length > most) {
      return `a text of more than ${most} characters`;
    }
    // the bytes that are compared with the file's are those of its texts
    const { textBytes } = buffer;
    buffer.text(value);
    if (typeof cell !== "string") buffer.textBytes = textBytes;
  };
}

function integer(
  type: string,
  bits: number,
  write: (buffer: CopyBuffer, value: bigint) => void,
): CellEncoder {
  return (buffer, cell) => {
    const whole = typeof cell === "number" && Number.isInteger(cell) && !Object.is(cell, -0);
    const value = whole ? BigInt(cell) : cell;
    if (typeof value !== "bigint") return misfit(cell, type);
    if (bits === 64 ? whole && BigInt.asIntN(64, value) !== value : !fits(value, bits)) {
      return misfit(cell, type, "that is out of range for");
    }
    write(buffer, value);
  };
}

function fits(value: bigint, bits: number): boolean {
  const limit = 2 ** (bits - 1);
  return value >= -limit && value < limit;
}

function real(
  type: string,
  round: (value: number) => number,
  write: (buffer: CopyBuffer, value: number) => void,
): CellEncoder {
  return (buffer, cell) => {
    if (typeof cell !== "number" && typeof cell !== "bigint") return misfit(cell, type);
    const value = Number(cell);
    const exact = typeof cell === "bigint" ? BigInt(value) === cell : true;
    if (!exact || round(value) !== value) return misfit(cell, type, "that loses digits as");
    write(buffer, value);
  };
}
