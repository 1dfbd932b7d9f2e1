import { asNumber } from "./as_number.ts";
import { asText } from "./as_text.ts";
import { caseTerm } from "./case_term.ts";
import { commonKind } from "./common_kind.ts";
import { refused } from "./refused.ts";
import { enclosed, LEVEL, LONGEST_TEXT, type Refused, type Term } from "./term.ts";
import { textFunction } from "./text_function.ts";

/** What typeof() can say of a kind; the others are no types of SQLite. */
const CLASSES: Readonly<Partial<Record<Term["kind"], readonly string[]>>> = {
  text: ["text"],
  integer: ["integer"],
  boolean: ["integer"],
  numeric: ["integer", "real"],
  bytes: ["blob"],
};

/**
 * Translates a call of a function, of those that answer the same on both sides.
 *
 * @param name In lower case.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LEVEL, type Term } from "./term.ts";
 *
 * const name: Term = { kind: "text", sql: "name", level: LEVEL.primary };
 * const sql = (called: string) => {
 *   const term = functionTerm(called, [name]);
 *   return term.kind === "refused" ? term.why : term.sql;
 * };
 * assertEquals(sql("upper"), 'upper(name collate "C")');
 * assertEquals(sql("soundex"), "the function soundex() has no exact translation");
 * ```
 */
export function functionTerm(name: string, given: readonly Term[]): Term | Refused {
  const [one, two, three] = given;
  switch (`${name}/${given.length}`) {
    case "ifnull/2":
      return coalesce(given);
    case "iif/2":
    case "iif/3":
    case "if/2":
    case "if/3":
      return caseTerm(undefined, [{ when: one!, then: two! }], three);
    case "nullif/2":
      return nullIf(one!, two!);
    case "abs/1":
      return absolute(one!);
    case "typeof/1":
      return typeOf(one!);
    case "json_valid/1":
      return jsonValid(one!);
    case "length/1":
      return length(one!);
  }
  if (name === "coalesce" && given.length > 1) return coalesce(given);
  return textFunction(name, given) ??
    refused(`the function ${name}() has no exact translation`);
}

function coalesce(given: readonly Term[]): Term | Refused {
  const common = commonKind(given);
  if (common.kind === "refused") return common;
  if (common.kind === "null") return { kind: "null", sql: "null", level: LEVEL.primary };
  const { terms, ...rest } = common;
  const sql = `coalesce(${terms.map(({ sql }) => sql).join(", ")})`;
  return { ...rest, sql, level: LEVEL.primary };
}

function nullIf(one: Term, two: Term): Term | Refused {
  if (one.kind === "null" || two.kind === "null") return refused("nullif() compares with NULL");
  const common = commonKind([one, two]);
  if (common.kind === "refused") return common;
  if (one.kind === "boolean" && common.kind !== "boolean") {
    return nullIf(asNumber(one) as Term, two);
  }
  if (one.kind !== common.kind) {
    return refused(`nullif() compares ${one.sql} with ${two.sql}, of another type`);
  }
  for (const { sql, collation } of [one, two]) {
    if (collation !== undefined && collation.name !== "binary") {
      return refused(`nullif() compares ${sql} by the collation ${collation.name}`);
    }
  }
  const [first, second] = common.terms;
  return {
    kind: common.kind,
    sql: `nullif(${first!.sql}, ${second!.sql})`,
    level: LEVEL.primary,
    mixed: one.mixed,
    most: one.most,
  };
}

function absolute(term: Term): Term | Refused {
  const number = asNumber(term);
  if (number.kind === "refused" || number.kind === "null") return number;
  const { kind, mixed, most } = number;
  return { kind, sql: `abs(${number.sql})`, level: LEVEL.primary, mixed, most };
}

function length(term: Term): Term | Refused {
  const bytes = term.kind === "bytes" && !term.opaque;
  const text = bytes ? term : asText(term);
  if (text.kind === "refused" || text.kind === "null") return text;
  return { kind: "integer", sql: `length(${text.sql})`, level: LEVEL.primary, most: LONGEST_TEXT };
}

/** Its value is never written: only a comparison with the names of types is. */
function typeOf(term: Term): Term | Refused {
  const { column, kind, mixed, opaque } = term;
  const known = kind === "real" ? (mixed ? ["integer", "real"] : ["real"]) : CLASSES[kind];
  const classes = column?.classes ?? (opaque || kind === "null" ? undefined : new Set(known));
  if (column === undefined || classes === undefined) {
    return refused(`typeof(${term.sql}) asks how SQLite holds a value`);
  }
  const sql = `typeof(${term.sql})`;
  const typesOf = { column: term, classes };
  return { kind: "text", sql, level: LEVEL.primary, opaque: true, typesOf };
}

function jsonValid(term: Term): Term | Refused {
  if (term.kind !== "json") return refused(`json_valid(${term.sql}) is not of a jsonb column`);
  const sql = `${enclosed(term, LEVEL.other)} is not null or null`;
  return { kind: "boolean", sql, level: LEVEL.or, neverFalse: true };
}
