import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import type { Source } from "./read_source.ts";

/**
 * Says that a schema of the source has no tables, and which schemas have.
 *
 * @throws LF011, always.
 */
export async function refuseSchema(source: Source, schema: string): Promise<never> {
  const schemas = await source.query<{ name: string }>(
    `select distinct nspname as name
     from pg_catalog.pg_namespace
     join pg_catalog.pg_class on relnamespace = pg_namespace.oid and relkind in ('r', 'p', 'v')
     where nspname !~ '^pg_' and nspname <> 'information_schema'
     order by nspname`,
  );
  throw new LandfallError("LF011", `Cannot import ${source.name}: schema ${schema} has no tables`, {
    details: `Schemas with tables: ${schemas.map(({ name }) => name).join(", ") || "none"}.`,
    hint: "Name the schema of the tables with --schema. Nothing was changed.",
  });
}
