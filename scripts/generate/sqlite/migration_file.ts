import { join } from "@std/path";
import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import { projectFolder } from "../../stack/local_folder.ts";
import type { GenerateFlags } from "./read_flags.ts";

/**
 * Where the migration goes: behind those that are there, or in the place of the one that was
 * generated before.
 *
 * @throws LF013 when there is one, and nobody has said that it is to be replaced.
 */
export async function migrationFile(
  { pipeline, output, replace }: Pick<GenerateFlags, "pipeline" | "output" | "replace">,
): Promise<string> {
  const folder = join(projectFolder, "supabase", "migrations");
  const there = output === undefined
    ? (await Array.fromAsync(Deno.readDir(folder)))
      .map(({ name }) => name)
      .find((name) => new RegExp(`^\\d+_pipeline_${pipeline}(_.*)?\\.sql$`).test(name))
    : undefined;
  const path = output ?? join(folder, there ?? `${version(new Date())}_pipeline_${pipeline}.sql`);
  const isThere = await Deno.stat(path).then(() => true, () => false);
  if (isThere && !replace) {
    throw new LandfallError("LF013", `Cannot generate ${pipeline}: its migration is there`, {
      details: `It is ${there ?? path}.`,
      hint: "--replace writes it anew, if no database has it yet; or choose another --name.",
    });
  }
  return path;
}

/** As the Supabase CLI numbers migrations. */
function version(now: Date): string {
  return now.toISOString().replace(/\D/g, "").slice(0, 14);
}
