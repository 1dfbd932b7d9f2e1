import { projectFolder } from "../../stack/local_folder.ts";

/**
 * Imports a SQLite file as a person does: `deno task import sqlite <path> --pipeline jobs`.
 *
 * @returns What the command prints, a line each.
 * @throws {Error} with what it says when it fails.
 */
export async function importFile(path: string, databaseUrl: string): Promise<string[]> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "scripts/import.ts", "sqlite", path, "--pipeline", "jobs"],
    cwd: projectFolder,
    env: { SUPABASE_DB_URL: databaseUrl },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (code !== 0) throw new Error(text(stderr));
  return text(stdout).split("\n");
}
