import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { DefaultColumn } from "../../scripts/generate/sqlite/expressions/constant_default.ts";
import {
  type Expr,
  parseStatement,
} from "../../scripts/generate/sqlite/expressions/parse_sqlite.ts";
import { translateDefault } from "../../scripts/generate/sqlite/expressions/translate_default.ts";
import { createDatabase } from "../support/database.ts";

const TYPES = {
  text: "text",
  integer: "bigint",
  real: "double precision",
  numeric: "numeric",
  boolean: "boolean",
  time: "timestamptz",
  date: "date",
  uuid: "uuid",
  json: "jsonb",
  bytes: "bytea",
} as const;
const SECONDS = { kind: "time", timeUnit: "seconds" } as const;
const MILLISECONDS = { kind: "time", timeUnit: "milliseconds" } as const;
const EPOCH = "floor(extract(epoch from now()))::bigint";
const V4 = "lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' || " +
  "substr(lower(hex(randomblob(2))), 2) || '-' || substr('89ab', abs(random()) % 4 + 1, 1) || " +
  "substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6)))";

const TRANSLATED: readonly (readonly [source: string, column: DefaultColumn, sql: string])[] = [
  ["0", { kind: "boolean" }, "false"],
  ["true", { kind: "boolean" }, "true"],
  ["'false'", { kind: "boolean" }, "false"],
  ["(1)", { kind: "boolean" }, "true"],
  ["null", { kind: "uuid" }, "null"],
  ["'{\"a\": [1]}'", { kind: "json" }, `'{"a": [1]}'::jsonb`],
  ["(json_array())", { kind: "json" }, "'[]'::jsonb"],
  ["x'00fF'", { kind: "bytes" }, String.raw`'\x00ff'::bytea`],
  [
    "'0A000000-0000-4000-8000-000000000001'",
    { kind: "uuid" },
    "'0a000000-0000-4000-8000-000000000001'::uuid",
  ],
  ["current_timestamp", { kind: "time" }, "now()"],
  ["(datetime('now'))", { kind: "time" }, "now()"],
  ["(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))", { kind: "time" }, "now()"],
  ["(unixepoch())", SECONDS, "now()"],
  ["(strftime('%s','now'))", SECONDS, "now()"],
  ["(cast(strftime('%s', 'now') as int))", SECONDS, "now()"],
  ["(unixepoch() * 1000)", MILLISECONDS, "now()"],
  ["(CAST((julianday('now') - 2440587.5)*86400000 AS INTEGER))", MILLISECONDS, "now()"],
  ["(cast(unixepoch('subsec') * 1000 as integer))", MILLISECONDS, "now()"],
  ["current_timestamp", SECONDS, "now()"],
  ["1700000000", SECONDS, "to_timestamp(1700000000)"],
  ["'2024-02-29 10:00:00'", { kind: "time" }, "'2024-02-29 10:00:00+00'::timestamptz"],
  ["current_date", { kind: "date" }, "(now() at time zone 'utc')::date"],
  ["(date('now'))", { kind: "text" }, "to_char(now() at time zone 'utc', 'YYYY-MM-DD')"],
  [
    "current_timestamp",
    { kind: "text" },
    "to_char(now() at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS')",
  ],
  ["(unixepoch())", { kind: "integer" }, EPOCH],
  ["(strftime('%s', 'now') * 1000)", { kind: "integer" }, `${EPOCH} * 1000`],
  [
    "(cast((julianday('now') - 2440587.5) * 86400.0 * 1000 as integer))",
    { kind: "integer" },
    "floor(extract(epoch from now()) * 1000)::bigint",
  ],
  ["(lower(hex(randomblob(16))))", { kind: "text" }, "replace(gen_random_uuid()::text, '-', '')"],
  ["(hex(randomblob(16)))", { kind: "text" }, "upper(replace(gen_random_uuid()::text, '-', ''))"],
  [`(${V4})`, { kind: "uuid" }, "gen_random_uuid()"],
  [`(lower(${V4}))`, { kind: "text" }, "gen_random_uuid()::text"],
  ["(60 * 60)", { kind: "integer" }, "60 * 60"],
];

/** Columns and defaults whose value the same row must have on both sides. */
const CONSTANTS: readonly (readonly [declared: string, source: string, column: DefaultColumn])[] = [
  ["integer", "'0'", { kind: "integer" }],
  ["integer", "' +7 '", { kind: "integer" }],
  ["numeric", "false", { kind: "integer" }],
  ["integer", "-0x1F", { kind: "integer" }],
  ["integer", "3.0", { kind: "integer" }],
  ["integer", "1_000", { kind: "integer" }],
  ["real", "-.5", { kind: "real" }],
  ["real", "'2.50'", { kind: "real" }],
  ["real", "1e3", { kind: "real" }],
  ["text", "1.50", { kind: "text" }],
  ["text", "7", { kind: "text" }],
  ["text", "2.0", { kind: "text" }],
  ["text", "true", { kind: "text" }],
  ["text", '"now"', { kind: "text" }],
  ["text", "draft", { kind: "text" }],
  ["text", "'datetime(''now'')'", { kind: "text" }],
  ["text", "''", { kind: "text" }],
  ["text", "('a' || 'é')", { kind: "text" }],
];

const REFUSED: readonly (readonly [source: string, column: DefaultColumn, why: string])[] = [
  ["0", SECONDS, "stands for no time"],
  ["''", { kind: "time" }, "'' is no time"],
  ["''", { kind: "uuid" }, "'' is no uuid"],
  ["''", { kind: "json" }, "'' is no JSON"],
  ["'{a: 1}'", { kind: "json" }, "is no JSON"],
  ["''", { kind: "integer" }, "'' is no integer"],
  ["2", { kind: "boolean" }, "2 is no boolean"],
  ["1.5", { kind: "integer" }, "1.5 is no integer"],
  ["'2024-02-30'", { kind: "date" }, "is no date"],
  ["(unixepoch())", MILLISECONDS, "its default is in seconds"],
  ["(unixepoch())", { kind: "time" }, "its values are texts"],
  ["(date('now'))", { kind: "time" }, "only a part of a time"],
  ["current_timestamp", { kind: "integer" }, "its values are numbers"],
  ["(datetime('now', 'localtime'))", { kind: "time" }, "datetime()"],
  ["(lower(hex(randomblob(8))))", { kind: "text" }, "of 16 characters"],
  ["(random())", { kind: "integer" }, "random()"],
];

Deno.test("translateDefault() makes the default of what the column holds", async () => {
  await using database = await createDatabase();
  for (const [source, column, sql] of TRANSLATED) {
    assertEquals(translated(source, column).sql, sql, source);
    const type = TYPES[column.kind];
    await database.sql.unsafe(`create temporary table made (a ${type} default ${sql});
      insert into made default values; drop table made`);
  }
});

Deno.test("translateDefault() keeps the value that SQLite gives", async () => {
  await using database = await createDatabase();
  using sqlite = new DatabaseSync(":memory:", { enableDoubleQuotedStringLiterals: true });
  for (const [declared, source, column] of CONSTANTS) {
    const { sql } = translated(source, column);
    sqlite.exec(`drop table if exists made; create table made (a ${declared} default ${source});
      insert into made default values`);
    await database.sql.unsafe(`drop table if exists public.made;
      create table public.made (a ${TYPES[column.kind]} default ${sql});
      insert into public.made default values`);
    const [made] = await database.sql`select a::text from public.made`;

    assertEquals(made!.a, String(sqlite.prepare("select a from made").get()!.a), source);
  }
});

Deno.test("translateDefault() says why a default cannot be kept", () => {
  for (const [source, column, why] of REFUSED) {
    const found = translateDefault(defaultOf(source), column);

    assert(found.kind === "refused" && found.why.includes(why), Deno.inspect({ source, found }));
  }
});

Deno.test("translateDefault() remarks where a default is not quite the same", () => {
  const remark = (source: string, column: DefaultColumn) => translated(source, column).remark;

  assert(remark("(lower(hex(randomblob(16))))", { kind: "text" })?.includes("version 4"));
  assert(remark("current_timestamp", SECONDS)?.includes("a text among numbers"));
  assertEquals(remark(`(${V4})`, { kind: "text" }), undefined);
});

function translated(source: string, column: DefaultColumn): { sql: string; remark?: string } {
  const found = translateDefault(defaultOf(source), column);
  if (found.kind === "translated") return found;
  throw new Error(`${source} is not translated: ${found.why}`);
}

function defaultOf(source: string): Expr {
  const table = parseStatement(`create table t (a default ${source})`);
  if (table?.type === "CreateTableStmt" && "columns" in table.body) {
    const constraint = table.body.columns[0]?.constraints[0]?.constraint;
    if (constraint?.type === "DefaultColumnConstraint") return constraint.expr;
  }
  throw new Error(`no default: ${source}`);
}
