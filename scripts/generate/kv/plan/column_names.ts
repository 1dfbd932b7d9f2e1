import { snakeCase } from "../../names/name_hints.ts";
import { Names } from "../../names/names.ts";
import { RESERVED } from "../../sql/identifier.ts";

/** Names of the columns of a table: in one style, none reserved, none twice. */
export class ColumnNames {
  readonly #names = new Names(["source_key", "source_row", "waiting_for", "scope_key"]);
  readonly #prefix: string;

  /** @param singular What a row is, which goes before a name that SQL reserves. */
  constructor(singular: string) {
    this.#prefix = singular;
  }

  take(member: string): string {
    const name = snakeCase(member).replace(/[^a-z0-9_]/g, (letter) => plain(letter)) || "value";
    const free = RESERVED.has(name) || /^(\d|lf_)/.test(name) ? `${this.#prefix}_${name}` : name;
    return this.#names.take(free);
  }
}

/** A letter without its marks, or the number it has. */
function plain(letter: string): string {
  const bare = letter.normalize("NFKD").replace(/\p{M}/gu, "");
  return /^[a-z0-9]+$/.test(bare) ? bare : `u${letter.codePointAt(0)!.toString(16)}`;
}
