import { z } from "../../../supabase/functions/_shared/requests.ts";
import { readMappingFile } from "../mapping_file.ts";
import type { StoreCensus } from "./census/take_census.ts";

const text = z.string("must be a text").min(1, "must not be empty");
const ROLES = ["entity", "setting"] as const;

const FamilyMapping = z.strictObject({
  /** Why its keys are left out. */
  skip: text.optional(),
  /** What its keys are: records of a table, or documents of which there is one. */
  role: z.enum(ROLES, `must be ${ROLES.join(" or ")}`).optional(),
  /** The name of the table. */
  name: z.string("must be a text").regex(/^[a-z][a-z0-9_]{0,39}$/, "must be a lower case word")
    .optional(),
});

const ColumnMapping = z.strictObject({
  /** Why it is left out. */
  skip: text.optional(),
  name: text.optional(),
  type: text.optional(),
  notNull: z.boolean("must be true or false").optional(),
  /** Whether only the values that are there may be. */
  closed: z.boolean("must be true or false").optional(),
  unique: z.boolean("must be true or false").optional(),
  /** The table whose rows it names; null for none. */
  references: text.nullable().optional(),
});

const EntityMapping = z.strictObject({
  /** The column that names the account whose row it is; null for none. */
  owner: text.nullable().optional(),
  columns: z.record(z.string(), ColumnMapping).default({}),
});

const Mapping = z.strictObject({
  /** What the pipeline is, in a sentence. */
  description: text.optional(),
  families: z.record(z.string(), FamilyMapping).default({}),
  tables: z.record(z.string(), EntityMapping).default({}),
});

export type ColumnMapping = z.infer<typeof ColumnMapping>;
export type Mapping = z.infer<typeof Mapping>;

/**
 * Reads a mapping file: what a person decides otherwise than the generator would. Families have the
 * names that the report gives them, tables and columns those that they would get.
 *
 * @throws LF013 for a file that is no mapping, or that names a family that the store does not have.
 */
export async function readMapping(
  path: string | undefined,
  { families }: Pick<StoreCensus, "families">,
): Promise<Mapping> {
  if (path === undefined) return { families: {}, tables: {} };
  const { mapping, cannot } = await readMappingFile(path, Mapping);
  const templates = families.map(({ template }) => template);
  const unknown = Object.keys(mapping.families).find((name) => !templates.includes(name));
  if (unknown !== undefined) {
    throw cannot(
      `the store has no keys ${unknown}`,
      `Its families are ${templates.join(", ")}.`,
    );
  }
  const many = Object.keys(mapping.families).find((name) =>
    mapping.families[name]!.role === "setting" && name.includes("<")
  );
  if (many !== undefined) {
    throw cannot(
      `${many} is no setting: there are several of it`,
      "Leave the role out, or skip the family.",
    );
  }
  return mapping;
}
