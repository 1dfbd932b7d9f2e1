import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type postgres from "postgres";
import { translateCondition } from "../../scripts/generate/sqlite/expressions/translate_condition.ts";
import { translateValue } from "../../scripts/generate/sqlite/expressions/translate_value.ts";
import { createDatabase } from "../support/database.ts";
import { arbitraryCondition, arbitraryNumber, arbitraryText } from "./arbitrary_expression.ts";
import { expressionGrid, type Grid, GRID_COLUMNS } from "./expression_grid.ts";
import { parsedExpression } from "./parsed_expression.ts";

const SETTINGS = {
  numRuns: Number(Deno.env.get("LANDFALL_TEST_RUNS") ?? 60),
  seed: Number(Deno.env.get("LANDFALL_TEST_SEED") ?? Math.floor(Math.random() * 1e9)),
};
const MANY = { minLength: 20, maxLength: 40 };
const TYPES = { integer: "bigint", real: "double precision", text: "text" } as const;

/** Conditions by what they become in a check; a refusal by a part of its reason. */
const CONDITIONS: Readonly<Record<string, string | { implied: true } | { refused: string }>> = {
  "b in (0, 1)": { implied: true },
  "b = 0 or 1 = b or b is null": { implied: true },
  "b is null or b between 0 and 1": { implied: true },
  "typeof(i) in ('integer', 'null')": { implied: true },
  "json_valid(payload)": { implied: true },
  "payload is null or json_valid(payload) = 1": { implied: true },
  "1": { implied: true },
  "typeof(i) = 'integer'": "i is not null",
  "b in (0, 1) and i > 0 and (c = 0 or i)": "i > 0 and (not c or i <> 0)",
  "b = 1 and not c": "b and not c",
  "b in (0, 1) or i > 0": { implied: true },
  "not (b in (0, 1))": "not (b in (false, true))",
  "(t is not null) + (u is not null) = 1": "(t is not null)::int + (u is not null)::int = 1",
  "length(t) between 1 and 0x40": "length(t) between 1 and 64",
  "t < u": `t collate "C" < u`,
  "'a' <= t": `'a' <= t collate "C"`,
  "t between 'a' and u": `t collate "C" between 'a' and u`,
  "n = 'Root'": `lower(n collate "C") = 'root'`,
  "t = n collate binary": "t = n",
  "t in ('draft', \"live\")": "t in ('draft', 'live')",
  "r <> 'x  '": "rtrim(r, ' ') <> 'x'",
  "t like '%@%.%'": "t like '%@%.%'",
  "t like 'A\\%'": `lower(t collate "C") like 'a\\%' escape ''`,
  "t not glob '*[^0-9]*'": "t !~ '[^0-9]'",
  "t glob '[A-Z][a-z]*-??'": String.raw`t ~ '^[A-Z][a-z].*\-..$'`,
  "i % j == 0": "i % nullif(j, 0) = 0",
  "i > 60 * 60": "i > 60 * 60",
  "i > 100000 * 100000": "i > 100000::bigint * 100000",
  "i & 4": "i & 4 <> 0",
  "i > 0.5": "i > 0.5",
  "ended >= started": "ended >= started",
  "id <> parent": "id <> parent",
  "started is not null": "started is not null",
  "case when i then t = 'a' else 1 end": "case when i <> 0 then t = 'a' else true end",
  "i = '5'": { refused: "a number with a text" },
  "t = 5": { refused: "a text with a number" },
  "d < '2024-01-01'": { refused: "declared as a number and holds texts" },
  "i < x": { refused: "rounds to a double" },
  "y * 2 > 1": { refused: "an integer or a real" },
  "started > 1700000000": { refused: "holds other values" },
  "length(id) = 36": { refused: "holds other values" },
  "json_valid(t)": { refused: "not of a jsonb column" },
  "json_extract(payload, '$.a') = 1": { refused: "json_extract()" },
  "started < current_timestamp": { refused: "asks for the time" },
  "t regexp '^a'": { refused: "defined by the app" },
  "t like u": { refused: "no constant" },
  "t": { refused: "no truth value" },
  "round(x) > 1": { refused: "round()" },
  "max(i, j) > 1": { refused: "max()" },
  "i in (select 1)": { refused: "subquery" },
  "(i, j) = (1, 2)": { refused: "rows" },
  "rowid > 1": { refused: "number of the row" },
  "missing > 1": { refused: "no column missing" },
};

const own = { converted: true, collation: "binary" } as const;
const COLUMNS = new Map([
  ...GRID_COLUMNS,
  ["id", { ...own, sql: "id", kind: "uuid", affinity: "text" }],
  ["parent", { ...own, sql: "parent", kind: "uuid", affinity: "text" }],
  ["payload", { ...own, sql: "payload", kind: "json", affinity: "text" }],
  ["started", { ...own, sql: "started", kind: "time", affinity: "integer" }],
  ["ended", { ...own, sql: "ended", kind: "time", affinity: "integer" }],
]);
const OTHERS = "id uuid, parent uuid, payload jsonb, started timestamptz, ended timestamptz";

Deno.test("translateCondition() translates what means the same, and says why not", async () => {
  await using database = await createDatabase();
  using grid = await expressionGrid(database.sql);
  const translated = [];
  for (const [condition, expected] of Object.entries(CONDITIONS)) {
    const found = translateCondition(parsedExpression(condition), COLUMNS);
    if (typeof expected === "string") {
      assertEquals(found, { kind: "translated", sql: expected }, condition);
      translated.push(expected);
    } else if ("implied" in expected) {
      assertEquals(found.kind, "implied", condition);
    } else {
      assert(found.kind === "refused" && found.why.includes(expected.refused), Deno.inspect(found));
    }
  }
  const checks = translated.map((sql) => `check (${sql})`).join(", ");
  await database.sql.unsafe(`create table public.checked (${grid.columns}, ${OTHERS}, ${checks})`);
  for (const sql of translated) {
    await database.sql.unsafe(`create index on public.checked (i) where ${sql}`);
  }
});

Deno.test("translateCondition() keeps what a condition says of every row", async () => {
  await using database = await createDatabase();
  using grid = await expressionGrid(database.sql);
  let compared = 0;
  const property = fc.asyncProperty(fc.array(arbitraryCondition, MANY), async (conditions) => {
    const pairs = conditions.flatMap((source) => {
      const condition = parsedExpression(source);
      const [check, index] = (["check", "index"] as const).map((place) =>
        translateCondition(condition, GRID_COLUMNS, place)
      );
      if (check!.kind === "refused" || index!.kind !== "translated") return [];
      return [{
        source,
        index: index!.sql,
        check: check!.kind === "implied" ? "true" : check!.sql,
      }];
    });
    const indexes = await answersOf(grid, pairs.map(({ index }) => index));
    const checks = await answersOf(grid, pairs.map(({ check }) => `(${check}) is not false`));
    for (const [place, { source, index, check }] of pairs.entries()) {
      const [truths, nulls] = ["is true", "is null"].map((is) =>
        grid.inSqlite(`(${source}) ${is}`)
      );
      const expected = truths!.map((truth, row) => nulls![row] ? null : String(truth === 1n));
      const passes = expected.map((truth) => String(truth !== "false"));
      assertEquals(indexes[place] ?? expected, expected, `${source} became ${index}`);
      assertEquals(checks[place] ?? passes, passes, `${source} became the check ${check}`);
      compared++;
    }
  });
  await fc.assert(property, SETTINGS);
  assert(compared > SETTINGS.numRuns * 5, `${compared} were compared`);
});

Deno.test("translateValue() keeps the value of every row, and Postgres takes it", async () => {
  await using database = await createDatabase();
  using grid = await expressionGrid(database.sql);
  let compared = 0;
  const value = fc.oneof(
    fc.record({ source: arbitraryNumber, kind: fc.constantFrom("integer", "real") }),
    fc.record({ source: arbitraryText, kind: fc.constant("text" as const) }),
  );
  const property = fc.asyncProperty(fc.array(value, MANY), async (values) => {
    const pairs = values.flatMap(({ source, kind }) => {
      const found = translateValue(parsedExpression(source), GRID_COLUMNS, kind);
      return found.kind === "translated" ? [{ source, kind, sql: found.sql }] : [];
    });
    const indexed = values.flatMap(({ source }) => {
      const found = translateValue(parsedExpression(source), GRID_COLUMNS);
      return found.kind === "translated" ? [found.sql] : [];
    });
    await keep(database.sql, grid, pairs, indexed);
    const answers = await answersOf(grid, pairs.map(({ sql }) => sql));
    for (const [place, { source, kind, sql }] of pairs.entries()) {
      const said = (value: unknown) =>
        value === null ? null : kind === "real" ? Number(value) : String(value);
      const expected = grid.inSqlite(source).map(said);
      const answer = answers[place]?.map(said) ?? expected;
      assertEquals(answer, expected, `${source} became ${sql}`);
      compared++;
    }
  });
  await fc.assert(property, SETTINGS);
  assert(compared > SETTINGS.numRuns * 5, `${compared} were compared`);
});

Deno.test("translateValue() gives a text in an index what SQLite compares it by", () => {
  const sql = (source: string) => translateValue(parsedExpression(source), COLUMNS);

  assertEquals(sql("t"), { kind: "translated", sql: "t" });
  assertEquals(sql("n"), { kind: "translated", sql: `lower(n collate "C")` });
  assertEquals(sql("t collate nocase"), { kind: "translated", sql: `lower(t collate "C")` });
  assertEquals(sql("n collate binary"), { kind: "translated", sql: "n" });
  assertEquals(sql("started"), { kind: "translated", sql: "started" });
  assertEquals(sql("t collate unicode").kind, "refused");
});

/** Has Postgres keep values, in generated columns and in indexes. */
async function keep(
  sql: postgres.Sql,
  grid: Grid,
  values: readonly { kind: keyof typeof TYPES; sql: string }[],
  indexed: readonly string[],
): Promise<void> {
  const generated = values.map(({ kind, sql }, place) =>
    `, g${place} ${TYPES[kind]} generated always as (${sql}) stored`
  );
  try {
    await sql.unsafe(`create table public.kept (${grid.columns}${generated.join("")});
      ${indexed.map((sql) => `create index on public.kept ((${sql}));`).join("")}
      drop table public.kept`);
  } catch (error) {
    // Postgres computes constants of a generated column before it knows their collation
    if ((error as { code?: string }).code !== "42P22") throw error;
    for (const value of values.length > 1 ? values : []) await keep(sql, grid, [value], []);
  }
}

/** What Postgres answers; nothing where a number became too large, which it refuses. */
async function answersOf(
  grid: Grid,
  expressions: readonly string[],
): Promise<(unknown[] | undefined)[]> {
  if (expressions.length === 0) return [];
  try {
    return await grid.inPostgres(expressions);
  } catch (error) {
    if (expressions.length > 1) {
      const answers = [];
      for (const each of expressions) answers.push(...await answersOf(grid, [each]));
      return answers;
    }
    const { code, message } = error as { code?: string; message: string };
    if (code === "22003") return [undefined];
    throw new Error(`${expressions[0]}: ${message}`);
  }
}
