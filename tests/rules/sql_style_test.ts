import { assertEquals, assertMatch } from "@std/assert";
import { GENERATED } from "../../scripts/generate/migration_file.ts";
import { functionHeads, type Migration, migrations } from "./migrations.ts";

const KEYWORDS = [
  "SELECT",
  "FROM",
  "WHERE",
  "JOIN",
  "CREATE",
  "TABLE",
  "VIEW",
  "FUNCTION",
  "RETURNS",
  "INSERT",
  "UPDATE",
  "DELETE",
  "BEGIN",
  "END",
  "CASE",
  "WHEN",
  "AND",
  "OR",
  "NOT",
  "NULL",
  "TRUE",
  "FALSE",
  "PRIMARY",
  "REFERENCES",
  "GRANT",
  "REVOKE",
];

Deno.test("a migration says first what it is, reads, writes and holds", async () => {
  for (const { name, sql } of await migrations()) {
    assertMatch(
      sql,
      /^\/\*\n \* \S.*\n(?: \* .*\n| \*\n)* \*\n \* Reads {2}\S(?:.|\n)*?\n \* Writes \S(?:.|\n)*?\n \* Holds {2}\S(?:.|\n)*?\n \*\/\n\n/,
      name,
    );
  }
});

Deno.test("a chapter's number is its place", async () => {
  const chapters = (await migrations())
    .map(({ name, sql }) => [name, /^\/\*\n \* Chapter (\d+): /.exec(sql)?.[1]] as const)
    .filter(([, number]) => number !== undefined);

  assertEquals(
    chapters.map(([name, number]) => [name, Number(number)]),
    chapters.map(([name], nth) => [name, nth + 1]),
  );
});

Deno.test("SQL is lower case, without tabs, at most 100 columns wide", async () => {
  const keywords = new RegExp(`\\b(${KEYWORDS.join("|")})\\b`);

  for (const { name, sql } of await migrations()) {
    const faults = sql.split("\n").flatMap((line, nth) => {
      const code = line.replace(/--.*|'[^']*'/g, "");
      const fault = line.length > 100
        ? "too wide"
        : line.includes("\t")
        ? "a tab"
        : /\s$/.test(line)
        ? "a space at its end"
        : !line.startsWith(" *") && keywords.test(code)
        ? "upper case"
        : undefined;
      return fault ? [`line ${nth + 1}: ${fault}`] : [];
    });
    assertEquals(faults, [], name);
  }
});

Deno.test("a migration is at most 260 lines, unless it was generated", async () => {
  const long = (await migrations())
    .filter(({ sql }) => !sql.includes(GENERATED))
    .map(({ name, sql }) => [name, sql.trimEnd().split("\n").length] as const)
    .filter(([, lines]) => lines > 260);

  assertEquals(long, []);
});

Deno.test("a function states all its attributes, one a line, in one order", async () => {
  const head = new RegExp(
    [
      /^[a-z_]+\.[a-z_]+\((?:.|\n)*?\)\n/,
      / {2}returns (?:[^\n]+|table \((?:\n {4}[^\n]+)+\n {2}\))\n/,
      / {2}language (?:sql|plpgsql)\n/,
      / {2}(?:immutable|stable|volatile)\n/,
      /(?: {2}--[^\n]*\n)* {2}security (?:invoker|definer)\n/,
      / {2}set search_path = ''\n/,
      /(?:(?: {2}--[^\n]*\n)* {2}set [a-z_]+ = '[^\n]+'\n)*$/,
    ].map(({ source }) => source).join(""),
  );

  for (const migration of await migrations()) {
    for (const text of functionHeads(migration)) assertMatch(text, head, migration.name);
  }
});

Deno.test("a function that runs as its owner says why", async () => {
  for (const { name, sql } of await migrations()) {
    const definers = sql.match(/^ {2}security definer$/gm)?.length ?? 0;
    const reasoned = sql.match(/^ {2}-- definer: \S.*\n(?: {2}-- .*\n)* {2}security definer$/gm);
    assertEquals(reasoned?.length ?? 0, definers, name);
  }
});

Deno.test("every object is followed by its comment", async () => {
  for (const migration of await migrations()) {
    assertEquals(undocumented(migration), [], migration.name);
  }
});

Deno.test("a migration that makes objects of the engine ends by closing the doors", async () => {
  for (const { name, sql } of await migrations()) {
    const makes =
      /^create (?:or replace )?(?:table|view|function) (?:landfall|staging|transform)\./m;
    if (makes.test(sql)) {
      assertEquals(sql.trimEnd().split("\n").at(-1), "select landfall.close_doors();", name);
    }
  }
});

Deno.test("an object is defined once", async () => {
  const defined = (await migrations()).flatMap(({ sql }) =>
    [...sql.matchAll(/^create (?:or replace )?(table|view|function) (?:if not exists )?([\w.]+)/gm)]
      .map(([, kind, name]) => `${kind} ${name}`)
  );

  assertEquals(defined.filter((name, nth) => defined.indexOf(name) !== nth), []);
});

/** The tables, views and functions of a migration without a comment of their own. */
function undocumented({ sql }: Migration): string[] {
  const made = [...sql.matchAll(/^create (table|view|function) (?:if not exists )?([\w.]+)/gm)];
  return made.map(([, kind, name]) => `comment on ${kind} ${name} is`).filter((comment) =>
    !sql.includes(comment)
  );
}
