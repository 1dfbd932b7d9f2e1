import type { Cell, Damaged } from "./exact_row.ts";

/**
 * Says why a value does not go into a column, without the value.
 *
 * @param how What comes between the value's kind and the column's type.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(misfit("seven", "bigint"), "a text in a column of type bigint");
 * assertEquals(misfit(0.1, "real", "that loses digits as"), "a real that loses digits as real");
 * ```
 */
export function misfit(cell: Cell, type: string, how = "in a column of type"): string {
  if (isDamaged(cell)) return cell.damage;
  return `${describe(cell)} ${how} ${type}`;
}

function isDamaged(cell: Cell): cell is Damaged {
  return typeof cell === "object" && cell !== null && "damage" in cell;
}

function describe(cell: Cell): string {
  if (typeof cell === "object") return "a blob";
  return { string: "a text", bigint: "an integer", number: "a real" }[typeof cell as "string"];
}
