import type { LandfallError } from "../../supabase/functions/_shared/errors.ts";

/**
 * Checks what every kind of generation is told: the pipeline's name and the schema of its tables.
 *
 * @param wrong Makes the failure.
 * @returns The pipeline's name.
 * @throws LF008 for a name that is missing or none, or a schema that is not for tables of an app.
 */
export function checkPipelineFlags(
  name: string | undefined,
  schema: string,
  wrong: (message: string) => LandfallError,
): string {
  if (name === undefined) throw wrong("--name names the pipeline to generate");
  if (!/^[a-z][a-z0-9_]{0,39}$/.test(name)) {
    throw wrong("--name needs a name of lower case letters, digits and _, at most 40");
  }
  if (new TextEncoder().encode(schema).length > 63) throw wrong("--schema has more than 63 bytes");
  if (/^(landfall|staging|transform|auth|storage|information_schema|pg_.*)$/.test(schema)) {
    throw wrong(`--schema ${schema} is not for tables of an app`);
  }
  return name;
}
