import { statementWords, type Word } from "./statement_words.ts";

/** A table as a statement names it. */
export interface TableName {
  /** As it is written. */
  readonly text: string;
  readonly schema: string | undefined;
  readonly table: string;
}

/** What is to be done with a statement of a dump. */
export type StatementKind =
  /** It cannot matter for reading tables. */
  | { readonly kind: "skip" }
  /** Its rows come behind it. */
  | { readonly kind: "copy"; readonly into: TableName }
  /** Its rows are in a file, or come from a program. */
  | { readonly kind: "elsewhere"; readonly into: TableName }
  | { readonly kind: "insert"; readonly into: TableName }
  /** It makes a table, a view, or gives it a part. */
  | { readonly kind: "make"; readonly of: TableName }
  /** A key that a view may need. */
  | { readonly kind: "key" }
  | { readonly kind: "encoding"; readonly encoding: string }
  | { readonly kind: "strings"; readonly standard: boolean }
  /** It changes rows, so it may not fail. */
  | { readonly kind: "change" }
  /** It may fail: then what needs it fails as well. */
  | { readonly kind: "run" };

/** Enough for every name that is looked at. */
const WORDS = 16;
/** What makes or changes neither tables nor rows; transactions would make one failure many. */
const SKIPPED = [
  /^(begin|start|commit|end|rollback|abort|savepoint|release|lock|prepare|vacuum|analyze)\b/,
  /^(grant|revoke|comment|security|reassign|listen|notify|checkpoint|cluster|reindex)\b/,
  /^create (or replace )?(constraint |event )?trigger\b/,
  /^create (unique )?(index|policy|rule|publication|subscription|statistics|role|user|group)\b/,
  /^create (or replace )?rule\b/,
  /^(create|alter|drop) (database|role|user|group|tablespace|server|subscription)\b/,
  /^(create|alter|drop) (publication|policy|index|statistics|event|default|text search)\b/,
  /^alter .* owner to\b/,
  /^alter table (if exists )?(only )?\S+( \. \S+)? (enable|disable|force|no force|cluster)\b/,
  /^alter table (if exists )?(only )?\S+( \. \S+)? (replica|validate)\b/,
  /^set (local |session )?(role|authorization|session authorization)\b/,
  /^set session authorization\b/,
  /^select (pg_catalog \. )?(setval|lo_\w+|lowrite)\b/,
];

/**
 * Decides what is to be done with a statement of a dump.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(statementKind("GRANT ALL ON TABLE public.leads TO app;"), { kind: "skip" });
 * assertEquals(statementKind('COPY public."Leads" (id) FROM stdin;'), {
 *   kind: "copy",
 *   into: { text: 'public."Leads"', schema: "public", table: "Leads" },
 * });
 * ```
 */
export function statementKind(statement: string): StatementKind {
  const words = statementWords(statement, WORDS);
  const start = words.map(({ name, quoted }) => quoted ? '"' : name).join(" ");
  if (start === "" || start === ";" || SKIPPED.some((pattern) => pattern.test(start))) {
    return { kind: "skip" };
  }
  if (/^set (local |session )?client_encoding\b/.test(start)) {
    const [, encoding = ""] = /(?:=|\bto)\s*'?([\w-]+)'?\s*;\s*$/i.exec(statement) ?? [];
    return { kind: "encoding", encoding };
  }
  if (/^set (local |session )?names\b/.test(start)) {
    const [, encoding = "UTF8"] = /\bnames\s*'([\w-]+)'\s*;\s*$/i.exec(statement) ?? [];
    return { kind: "encoding", encoding };
  }
  if (/^set (local |session )?standard_conforming_strings\b/.test(start)) {
    return { kind: "strings", standard: !/\boff\b/i.test(statement) };
  }
  if (/^copy /.test(start)) return copyKind(statementWords(statement, Infinity));
  if (/^insert into /.test(start)) return { kind: "insert", into: tableName(words, 2) };
  if (/^(update|delete|merge|truncate)\b/.test(start)) return { kind: "change" };
  const made =
    /^create (or replace )?(global |local )?(unlogged )?(foreign |materialized |recursive )?(table|view) (if not exists )?/
      .exec(start) ?? /^alter table (if exists )?(only )?(?=.* attach partition\b)/.exec(start);
  if (made) {
    return { kind: "make", of: tableName(words, made[0].trim().split(" ").length) };
  }
  if (/^alter table .* add constraint\b/.test(start)) {
    return /\bprimary\s+key\s*\([^]*\)\s*;\s*$/i.test(statement)
      ? { kind: "key" }
      : { kind: "skip" };
  }
  return { kind: "run" };
}

/** Tells `copy t from stdin` from `copy t from 'file'`, and from what only writes. */
function copyKind(words: readonly Word[]): StatementKind {
  const is = (place: number, name: string) => {
    return words[place]?.name === name && !words[place]?.quoted;
  };
  let place = is(2, ".") ? 4 : 2;
  if (is(place, "(")) {
    while (place < words.length && !is(place, ")")) place++;
    place++;
  }
  if (!is(place, "from")) return { kind: "skip" };
  const into = tableName(words, 1);
  return { kind: is(place + 1, "stdin") ? "copy" : "elsewhere", into };
}

function tableName(words: readonly Word[], from: number): TableName {
  const place = words[from]?.name === "only" && !words[from]?.quoted ? from + 1 : from;
  const [first, dot, second] = words.slice(place, place + 3);
  return dot?.text === "." && second
    ? { text: `${first!.text}.${second.text}`, schema: first!.name, table: second.name }
    : { text: first?.text ?? "", schema: undefined, table: first?.name ?? "" };
}
