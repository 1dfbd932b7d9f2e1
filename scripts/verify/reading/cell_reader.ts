import type { Cell } from "../../import/sqlite/exact_row.ts";
import type { Reading } from "./reading.ts";
import { realText } from "../../import/sqlite/real_text.ts";
import { type TextReader, textReader } from "./text_reader.ts";

/** Gives a cell's canonical text, null for NULL, and undefined for one that does not convert. */
export type CellReader = (cell: Cell) => string | null | undefined;

/**
 * Makes the function that says what a cell of the file becomes in its target's column.
 *
 * @returns It goes by the text that the cell is staged as; a blob converts as bytes alone, and a
 * damaged text does not convert.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const read = cellReader({ as: "time", units: ["seconds"], nulls: ["0"] });
 * assertEquals(read(1_714_557_600n), "1714557600.000000");
 * assertEquals(read(1_714_557_600.25), "1714557600.250000");
 * assertEquals(read(0n), null);
 * assertEquals(read(new Uint8Array([1])), undefined);
 * assertEquals(cellReader({ as: "bytes" })(new Uint8Array([1, 255])), "01ff");
 * ```
 */
export function cellReader(reading: Reading): CellReader {
  return reading.as === "bytes" ? bytesHex : stagedReader(textReader(reading));
}

function stagedReader(read: TextReader): CellReader {
  return (cell) => {
    switch (typeof cell) {
      case "string":
        return read(cell);
      case "bigint":
        return read(cell.toString());
      case "number":
        return read(realText(cell));
      default:
        return cell === null ? null : undefined;
    }
  };
}

function bytesHex(cell: Cell): string | null | undefined {
  if (cell === null) return null;
  return cell instanceof Uint8Array ? cell.toHex() : undefined;
}
