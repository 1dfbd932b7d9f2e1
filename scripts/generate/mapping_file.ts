import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import type { z } from "../../supabase/functions/_shared/requests.ts";

/** Makes the failure that says why a mapping cannot be used. */
export type Cannot = (why: string, hint: string, cause?: unknown) => LandfallError;

/**
 * Reads a mapping file: what a person decides otherwise than a generator would.
 *
 * @throws LF013 for a file that is no mapping.
 */
export async function readMappingFile<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<{ mapping: z.infer<Schema>; cannot: Cannot }> {
  const cannot: Cannot = (why, hint, cause) =>
    new LandfallError("LF013", `Cannot use the mapping ${path}: ${why}`, { hint, cause });
  const parsed = schema.safeParse(await read(path, cannot));
  if (parsed.success) return { mapping: parsed.data, cannot };
  const { path: place, message } = parsed.error.issues[0]!;
  throw cannot(
    [...place.length > 0 ? [place.join(".")] : [], message].join(": "),
    "README.md shows what it may hold.",
  );
}

async function read(path: string, cannot: Cannot): Promise<unknown> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw cannot(`it is no JSON: ${error.message}`, "Mend the file.", error);
    }
    if (error instanceof Deno.errors.NotFound) {
      throw cannot("there is no such file", "Name a JSON file, or leave --mapping out.", error);
    }
    if (error instanceof Error && (error as { code?: string }).code === "EISDIR") {
      throw cannot("it is a directory", "Name a JSON file.", error);
    }
    throw error;
  }
}
