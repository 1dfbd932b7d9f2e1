import { z } from "../../../supabase/functions/_shared/requests.ts";
import { readMappingFile } from "../mapping_file.ts";
import type { TimeUnit } from "../../verify/reading/reading.ts";
import type { FileSchema } from "./schema/file_schema.ts";

const TIME_UNITS = [
  "seconds",
  "milliseconds",
  "microseconds",
  "julian",
  "iso",
] as const satisfies readonly TimeUnit[];

const text = z.string("must be a text").min(1, "must not be empty");

const ColumnMapping = z.strictObject({
  /** Why it is left out. */
  skip: text.optional(),
  /** Its name in Postgres. */
  name: text.optional(),
  /** Its type in Postgres. */
  type: text.optional(),
  /** How its times are written. */
  units: z.array(z.enum(TIME_UNITS, `must be of ${TIME_UNITS.join(", ")}`)).min(1).optional(),
  /** Values that mean NULL. */
  nulls: z.array(z.union([z.string(), z.number().transform(String)])).min(1).optional(),
  /** What it becomes, in SQL: `legacy.x` is a value of the file, `{x}` the same as it is read. */
  expression: text.optional(),
  /** The table of the file to whose rows its values point, where these get new keys. */
  follows: text.optional(),
  /** Whether its values must not be shown. */
  secret: z.boolean("must be true or false").optional(),
  notNull: z.boolean("must be true or false").optional(),
  /** Its default, in SQL; null for none. */
  default: text.nullable().optional(),
});

/** What says one thing twice, or two things. */
const RIVALS = [
  ["skip", "type", "units", "nulls", "expression", "follows", "notNull", "default"],
  ["expression", "follows"],
  ["follows", "units", "nulls"],
] as const;

const AddedColumn = z.strictObject({
  type: text,
  expression: text.optional(),
  default: text.optional(),
  notNull: z.boolean("must be true or false").optional(),
  /** Whether it is the key, in the place of the one that the file has. */
  primaryKey: z.boolean("must be true or false").optional(),
});

const TableMapping = z.strictObject({
  skip: text.optional(),
  name: text.optional(),
  /** What the table is, for its comment. */
  comment: text.optional(),
  columns: z.record(z.string(), ColumnMapping).optional(),
  /** Columns that the file does not have, by their names in Postgres. */
  add: z.record(z.string(), AddedColumn).optional(),
  /** Constraints that the file does not have, in SQL: `unique (email)`. */
  constraints: z.array(text).optional(),
  rules: z.record(
    z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, "must be a lower case word"),
    z.strictObject({ action: z.enum(["reject", "finding"]), reason: text, condition: text }),
  ).optional(),
});

const Mapping = z.strictObject({
  /** What the pipeline is, in a sentence. */
  description: text.optional(),
  tables: z.record(z.string(), TableMapping).default({}),
});

export type ColumnMapping = z.infer<typeof ColumnMapping>;
export type AddedColumn = z.infer<typeof AddedColumn>;
export type TableMapping = z.infer<typeof TableMapping>;
export type Mapping = z.infer<typeof Mapping>;

/**
 * Reads a mapping file: what a person decides otherwise than the generator would.
 *
 * @throws LF013 for a file that is no mapping, or that names what the SQLite file does not have.
 */
export async function readMapping(
  path: string | undefined,
  schema: FileSchema,
): Promise<Mapping> {
  if (path === undefined) return { tables: {} };
  const { mapping, cannot } = await readMappingFile(path, Mapping);
  const tables = schema.tables.map(({ name }) => name);
  for (const [name, table] of Object.entries(mapping.tables)) {
    const file = schema.tables.find((each) => each.name === name);
    if (!file) {
      throw cannot(`the file has no table ${name}`, `Its tables are ${tables.join(", ")}.`);
    }
    const columns = file.columns.map((column) => column.name);
    const expressions = Object.entries(table.add ?? {});
    for (const [column, mapped] of Object.entries(table.columns ?? {})) {
      expressions.push([column, mapped as AddedColumn]);
      if (!columns.includes(column)) {
        throw cannot(`${name} has no column ${column}`, `Its columns are ${columns.join(", ")}.`);
      }
      const { follows } = mapped;
      if (follows !== undefined && !tables.includes(follows)) {
        throw cannot(
          `${name}.${column} follows ${follows}, which is no table`,
          `Tables are ${tables.join(", ")}.`,
        );
      }
      const [one, other] = RIVALS.flatMap(([first, ...rest]) =>
        mapped[first] === undefined
          ? []
          : rest.filter((each) =>
            mapped[each] !== undefined
          ).map((each) => [first, each])
      )[0] ?? [];
      if (one !== undefined) {
        throw cannot(`${name}.${column} has ${one} and ${other}`, "Leave one of them out.");
      }
    }
    for (const [column, { expression = "" }] of expressions) {
      const unknown = [...expression.matchAll(/\{([^{}]*)\}/g)].find(([, named]) =>
        /^[a-z_][\w ]*$/i.test(named!) && !columns.includes(named!)
      );
      if (unknown !== undefined) {
        throw cannot(
          `the expression of ${name}.${column} names ${unknown[0]}`,
          `Its columns are ${columns.join(", ")}.`,
        );
      }
    }
  }
  return mapping;
}
