const BYTES = 63;
const encoder = new TextEncoder();

/** Columns that every table of Postgres has. */
export const SYSTEM_COLUMNS = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/** Names of one kind, no two of which are the same to Postgres. */
export class Names {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  /** Whether a name is taken. */
  has(name: string): boolean {
    return this.#taken.has(name);
  }

  /**
   * Takes a name, cut to what Postgres keeps of it, with a number where it is taken already.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   *
   * const names = new Names();
   *
   * assertEquals(["id", "id", "ü".repeat(40)].map((name) => names.take(name)), [
   *   "id",
   *   "id_2",
   *   "ü".repeat(31),
   * ]);
   * ```
   */
  take(wanted: string): string {
    for (let number = 1;; number++) {
      const suffix = number === 1 ? "" : `_${number}`;
      const name = cut(wanted, BYTES - suffix.length) + suffix;
      if (this.#taken.has(name)) continue;
      this.#taken.add(name);
      return name;
    }
  }
}

function cut(name: string, bytes: number): string {
  let kept = "";
  let length = 0;
  for (const character of name) {
    length += encoder.encode(character).length;
    if (length > bytes) break;
    kept += character;
  }
  return kept;
}
