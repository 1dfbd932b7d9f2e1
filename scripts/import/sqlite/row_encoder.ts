import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import { cellEncoder } from "./cell_encoder.ts";
import type { CopyBuffer } from "./copy_buffer.ts";
import type { Cell } from "./exact_row.ts";

/** A column of a staging table, and where its values come from. */
export interface TargetColumn {
  /** The column's name in the file. */
  readonly source: string;
  readonly name: string;
  /** As `format_type()` writes it. */
  readonly type: string;
  readonly notNull: boolean;
  /** The type is a guess, as no value was seen yet. */
  readonly guessed?: boolean;
}

/** Why a value cannot go into its column, without the value. */
export interface Fault {
  readonly column: string;
  readonly reason: string;
}

/** Writes a row, or takes it back and says of every value that does not fit why. */
export type RowEncoder = (
  buffer: CopyBuffer,
  cells: readonly Cell[],
  from: number,
) => readonly Fault[];

const NO_FAULTS: readonly Fault[] = [];

/**
 * Makes the encoder of a table's rows.
 *
 * @param table The staging table, for messages.
 * @param columns The columns in the order of the cells.
 * @throws LF011 for a column of a type that no value of SQLite can be written as.
 */
export function rowEncoder(table: string, columns: readonly TargetColumn[]): RowEncoder {
  const encoders = columns.map(({ name, type, notNull }) => {
    const encoder = cellEncoder(type, notNull);
    if (encoder) return encoder;
    throw new LandfallError("LF011", `Cannot import into ${table}: ${name} is of type ${type}`, {
      hint: "Make the column text and let the transform cast it: a value that does not cast " +
        "rejects its row, alone.",
    });
  });
  return (buffer, cells, from) => {
    const start = buffer.length;
    let faults = NO_FAULTS;
    buffer.row(encoders.length);
    for (let place = 0; place < encoders.length; place++) {
      const reason = encoders[place]!(buffer, cells[from + place]!);
      if (reason !== undefined) {
        faults = [...faults, { column: columns[place]!.source, reason: reason as string }];
      }
    }
    if (faults.length > 0) buffer.length = start;
    return faults;
  };
}
