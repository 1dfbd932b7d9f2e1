import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";

/** The failure of a file in which rows of a table are out of reach. */
export function damagedTable(
  path: string,
  table: string,
  read: number,
  held: number,
): LandfallError {
  return new LandfallError("LF011", `Cannot read ${path}: it is damaged, in table ${table}`, {
    details: `Its pages hold ${held} rows, of which ${read} can be reached.`,
    hint: "Nothing of it is loaded. Restore a backup, or save what can be read with the sqlite3 " +
      "shell: .recover.",
  });
}
