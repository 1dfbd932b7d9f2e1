import { dirname, join } from "@std/path";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { projectFolder } from "../stack/local_folder.ts";

/** What the head of every generated migration says. */
export const GENERATED = "Generated from a";

/** Which migration is written, and where. */
export interface MigrationFlags {
  readonly pipeline: string;
  /** Where the migration goes; left out, to the project's others. */
  readonly output: string | undefined;
  /** Whether a migration that is there is written anew. */
  readonly replace: boolean;
}

/**
 * Where the migration goes: behind those that are there, or in the place of the one that was
 * generated before.
 *
 * @throws LF013 when there is one, and nobody has said that it is to be replaced.
 */
export async function migrationFile(
  { pipeline, output, replace }: MigrationFlags,
): Promise<string> {
  const folder = join(projectFolder, "supabase", "migrations");
  const there = output === undefined
    ? (await Array.fromAsync(Deno.readDir(folder)))
      .map(({ name }) => name)
      .find((name) => new RegExp(`^\\d+_pipeline_${pipeline}\\.sql$`).test(name))
    : undefined;
  const path = output ?? join(folder, there ?? `${version(new Date())}_pipeline_${pipeline}.sql`);
  const written = await read(path);
  if (written === undefined) return path;
  if (!written.includes(GENERATED)) {
    throw new LandfallError(
      "LF013",
      `Cannot generate ${pipeline}: a person has written its migration`,
      {
        details: `It is ${there ?? path}.`,
        hint: "Choose another --name or --output.",
      },
    );
  }
  if (replace) return path;
  throw new LandfallError("LF013", `Cannot generate ${pipeline}: its migration is there`, {
    details: `It is ${there ?? path}.`,
    hint: "--replace writes it anew, if no database has it yet; or choose another --name.",
  });
}

/** What stands in a file; nothing where there is none yet. */
async function read(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      throw new LandfallError("LF013", `Cannot write to ${path}`, {
        hint: "--output needs the path of a file.",
        cause: error,
      });
    }
    const isFolder = await Deno.stat(dirname(path)).then((found) => found.isDirectory, () => false);
    if (isFolder) return undefined;
    throw new LandfallError("LF013", `Cannot write to ${path}: its folder is not there`, {
      hint: "Make the folder, or choose another --output.",
      cause: error,
    });
  }
}

/** As the Supabase CLI numbers migrations. */
function version(now: Date): string {
  return now.toISOString().replace(/\D/g, "").slice(0, 14);
}
