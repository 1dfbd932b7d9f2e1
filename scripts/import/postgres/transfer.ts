import type { ColumnType } from "./list_relations.ts";

/** How the values of a column get into a column of another type. */
export type Transfer =
  /** The bytes are the same. */
  | { readonly kind: "same" }
  /** They are cast at the source. */
  | { readonly kind: "cast"; readonly type: string; readonly mayFail?: true }
  /** They are cast, and a time without a zone is taken for one in UTC. */
  | { readonly kind: "utc" }
  /** They cannot, without being changed. */
  | { readonly kind: "none" };

const TEXTS = ["text", "character varying", "bpchar", "name"];
/** What each type can become without a loss. */
const WIDER: Readonly<Record<string, readonly string[]>> = {
  "smallint": ["integer", "bigint", "numeric", "real", "double precision"],
  "integer": ["bigint", "numeric", "double precision"],
  "bigint": ["numeric"],
  "real": ["double precision"],
  "date": ["timestamp without time zone"],
  "cidr": ["inet"],
  "json": ["jsonb"],
  "jsonb": ["json"],
};
/** What a text can become and be written again as it meant: no rounding, no setting that decides. */
const READ = [
  "smallint",
  "integer",
  "bigint",
  "numeric",
  "boolean",
  "uuid",
  "json",
  "jsonb",
  "inet",
  "cidr",
  "bytea",
  "text[]",
];
const BITS = /^(bit|"bit"|bit varying)$/;
/** Their values are numbers that mean something in one database only. */
const LOCAL = /^(oid|reg[a-z]+)(\[\])?$/;
const SAME: Transfer = { kind: "same" };
const NONE: Transfer = { kind: "none" };
const TEXT = { kind: "cast", type: "text" } as const satisfies Transfer;

/**
 * Decides how values of one type get into a column of another, unchanged.
 *
 * @param from The column's type at the source.
 * @param to The staging column's type.
 */
export function transfer(from: ColumnType, to: ColumnType): Transfer {
  if (to.kind === "enum") {
    return isText(from) || from.kind === "enum" ? { ...TEXT, mayFail: true } : NONE;
  }
  if (isSame(from, to)) return keepsDigits(from, to) ? SAME : NONE;
  if (to.builtin && (to.bare === "text" || to.bare === "character varying")) return TEXT;
  if (to.name === "citext") return isText(from) ? TEXT : NONE;
  if (!to.builtin || LOCAL.test(to.bare)) return NONE;
  if (to.bare === "bpchar") return isText(from) ? TEXT : NONE;

  const cast = { kind: "cast", type: to.bare } as const;
  if (from.element && to.element) {
    const widens = from.element.builtin && WIDER[from.element.bare]?.includes(to.element.bare);
    return to.element.bare === "text" || (widens && to.modifier === -1) ? cast : NONE;
  }
  if (from.builtin && WIDER[from.bare]?.includes(to.bare)) {
    return from.bare !== "date" || to.modifier === -1 ? cast : NONE;
  }
  if (to.bare === "timestamp with time zone" && isTimeWithoutZone(from)) {
    return from.bare === "date" || fits(from, to) ? { kind: "utc" } : NONE;
  }
  // digits that the column has no room for would be rounded off
  const reads = (to.modifier === -1 && READ.includes(to.bare)) || BITS.test(to.bare);
  return isText(from) && reads ? { ...cast, mayFail: true } : NONE;
}

/**
 * The type of a column that is made for a column of the source.
 *
 * @returns As SQL writes it: its own, or text where another database may lack that.
 */
export function newType({ label, bare, builtin, kind, binary, element }: ColumnType): string {
  if (element) {
    const portable = builtin && element.builtin && element.kind !== "composite" &&
      !LOCAL.test(bare);
    return portable && binary ? label : "text[]";
  }
  const portable = builtin && binary && kind !== "composite" && kind !== "pseudo";
  return portable && !LOCAL.test(bare) ? label : "text";
}

function isText({ bare, builtin, name }: ColumnType): boolean {
  return builtin ? TEXTS.includes(bare) : name === "citext";
}

function isTimeWithoutZone({ bare, builtin }: ColumnType): boolean {
  return builtin && (bare === "timestamp without time zone" || bare === "date");
}

/** Whether both have one binary form. An array's names the type of its elements by number. */
function isSame(from: ColumnType, to: ColumnType): boolean {
  if (!from.binary || !to.binary || from.kind !== to.kind) return false;
  if (from.builtin && to.builtin) {
    return from.bare === to.bare && !LOCAL.test(from.bare) && from.bare !== "record";
  }
  return !from.builtin && !to.builtin && from.name === to.name && from.kind === "base" &&
    !from.element && !to.element;
}

/** Whether the column has room for every digit; a text that is too long is refused by itself. */
function keepsDigits(from: ColumnType, to: ColumnType): boolean {
  return to.modifier === -1 || to.modifier === from.modifier || fits(from, to);
}

function fits(from: ColumnType, to: ColumnType): boolean {
  const type = to.bare.replace(/\[\]$/, "");
  if (to.modifier === -1) return true;
  if (type === "numeric") return from.modifier !== -1 && scale(to) >= scale(from);
  if (/^time(stamp)? /.test(type)) {
    const digits = from.modifier === -1 ? 6 : from.modifier;
    return to.modifier >= digits;
  }
  return type !== "interval";
}

/** Digits behind the point: eleven bits with a sign. */
function scale({ modifier }: ColumnType): number {
  const bits = (modifier - 4) & 0x7ff;
  return bits > 0x3ff ? bits - 0x800 : bits;
}
