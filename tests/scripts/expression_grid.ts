import { DatabaseSync } from "node:sqlite";
import type postgres from "postgres";
import type { ExpressionColumn } from "../../scripts/generate/sqlite/expressions/term.ts";

const binary = { converted: false, collation: "binary" } as const;

/** The columns of a table that has one of most sorts. */
export const GRID_COLUMNS: ReadonlyMap<string, ExpressionColumn> = new Map<
  string,
  ExpressionColumn
>([
  ["t", { ...binary, sql: "t", kind: "text", affinity: "text" }],
  ["u", { ...binary, sql: "u", kind: "text", affinity: "text" }],
  ["n", { ...binary, sql: "n", kind: "text", affinity: "text", collation: "nocase" }],
  ["r", { ...binary, sql: "r", kind: "text", affinity: "text", collation: "rtrim" }],
  ["d", { ...binary, sql: "d", kind: "text", affinity: "numeric" }],
  ["i", { ...binary, sql: "i", kind: "integer", affinity: "integer" }],
  ["j", { ...binary, sql: "j", kind: "integer", affinity: "blob" }],
  ["x", { ...binary, sql: "x", kind: "real", affinity: "real" }],
  ["y", { ...binary, sql: "y", kind: "real", affinity: "numeric" }],
  ["m", { ...binary, sql: "m", kind: "numeric", affinity: "numeric" }],
  ["b", { ...binary, sql: "b", kind: "boolean", affinity: "integer", converted: true }],
  ["c", { ...binary, sql: "c", kind: "boolean", affinity: "numeric", converted: true }],
]);

const IN_SQLITE = `t text, u text, n text collate nocase, r text collate rtrim, d datetime,
  i integer, j, x real, y decimal, m numeric, b integer, c boolean`;
/** Their collation orders texts otherwise than by bytes, as that of a database can. */
const TEXT = 'text collate "und-x-icu"';
const IN_POSTGRES = `t ${TEXT}, u ${TEXT}, n ${TEXT}, r ${TEXT}, d ${TEXT},
  i bigint, j bigint, x double precision, y double precision, m numeric, b boolean, c boolean`;

const TEXTS = [
  null,
  "",
  "a",
  "A",
  "ab",
  "AB ",
  "É",
  "é",
  "Éa",
  " a  ",
  "a%b",
  "a_\\b",
  "x]y-z",
  "0",
  "12",
  "a\nb",
  "Z",
  "z",
  "_",
  "[a]",
  "ß-1",
  "😀b",
  "active",
];
const DATES = [null, "2024-01-01", "1999-12-31 10:00:00", "unknown"];
const INTEGERS = [null, 0, 1, -1, 2, -7, 13, 5_000_000_000, -3_000_000];
const REALS = [null, 0, 0.5, -2.25, 1e10, 0.1, -7, 3];
const TRUTHS = [null, 0, 1];

/** Rows that the same values have in SQLite and in Postgres, by SELECT of an expression. */
export interface Grid extends Disposable {
  inSqlite(expression: string): unknown[];
  inPostgres(expressions: readonly string[]): Promise<unknown[][]>;
  /** A row with all columns in Postgres. */
  readonly columns: string;
}

/** Makes the table `grid` in a SQLite of its own and in Postgres. */
export async function expressionGrid(sql: postgres.Sql): Promise<Grid> {
  const database = new DatabaseSync(":memory:", { enableDoubleQuotedStringLiterals: true });
  database.exec(`create table grid (k integer primary key, ${IN_SQLITE})`);
  await sql.unsafe(`create table public.grid (k bigint, ${IN_POSTGRES})`);
  const insert = database.prepare(`insert into grid values (${"?, ".repeat(12)}?)`);
  const rows = [];
  for (let row = 0; row < 150; row++) {
    // steps that share no factor with the lists' lengths, so that all pairs of values come about
    const pick = <Value>(values: readonly Value[], step: number) =>
      values[(row * step + Math.floor(row / values.length) * (step + 2)) % values.length]!;
    const values = [
      ...[1, 3, 5, 7].map((step) => pick(TEXTS, step)),
      pick(DATES, 1),
      ...[1, 5].map((step) => pick(INTEGERS, step)),
      ...[1, 3, 5].map((step) => pick(REALS, step)),
      ...[1, 2].map((step) => pick(TRUTHS, step)),
    ];
    // the driver makes a real of a number, which a column without affinity keeps
    const cells = values.map((value) => Number.isInteger(value) ? BigInt(value!) : value);
    insert.run(row, ...cells as string[]);
    rows.push([
      row,
      ...values.map((value, place) => place < 10 || value === null ? value : value === 1),
    ]);
  }
  const record = `k bigint, ${IN_POSTGRES}`;
  const records = rows.map((row) =>
    Object.fromEntries(["k", ...GRID_COLUMNS.keys()].map((name, place) => [name, row[place]]))
  );
  await sql`insert into public.grid
    select * from jsonb_to_recordset(${sql.json(records as postgres.JSONValue)}) as row (${
    sql.unsafe(record)
  })`;
  return {
    columns: IN_POSTGRES,
    inSqlite(expression) {
      const statement = database.prepare(`select ${expression} as value from grid order by k`);
      statement.setReadBigInts(true);
      return statement.all().map(({ value }) => value);
    },
    async inPostgres(expressions) {
      const list = expressions.map((each, place) => `(${each})::text as "${place}"`).join(", ");
      const found = await sql.unsafe(`select ${list} from public.grid order by k`);
      return expressions.map((_, place) => found.map((row) => row[place]));
    },
    [Symbol.dispose]: () => database.close(),
  };
}
