import { join } from "@std/path";
import postgres from "postgres";
import { projectFolder } from "./local_folder.ts";
import { supabaseCli } from "./supabase_cli.ts";

/**
 * Applies the project's migrations that a database does not have yet, by the real Supabase CLI.
 *
 * @param url A connection URL as the role that is to own everything, `postgres`.
 * @throws {Error} with what the CLI said when a migration fails.
 */
export async function applyMigrations(url: string): Promise<void> {
  const [applied, all] = await Promise.all([appliedVersions(url), projectVersions()]);
  if (all.every((version) => applied.has(version))) return;

  const command = await supabaseCli(["db", "push", "--db-url", `${url}?sslmode=disable`, "--yes"]);
  const { success, stderr } = await command.output();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim();
  throw new Error(
    `Cannot apply the migrations\n${said.slice(Math.max(0, said.lastIndexOf("Applying ")))}\n` +
      "Mend the migration and start again; deno task start --fresh begins with an empty database.",
  );
}

async function appliedVersions(url: string): Promise<Set<string>> {
  const sql = postgres(url, { max: 1 });
  try {
    const rows = await sql`select version from supabase_migrations.schema_migrations`;
    return new Set(rows.map(({ version }) => version));
  } catch (error) {
    if (error instanceof postgres.PostgresError && error.code === "42P01") return new Set();
    throw error;
  } finally {
    await sql.end();
  }
}

async function projectVersions(): Promise<string[]> {
  const folder = join(projectFolder, "supabase", "migrations");
  const files = await Array.fromAsync(Deno.readDir(folder));
  return files.flatMap(({ name }) => /^(\d+)_.*\.sql$/.exec(name)?.slice(1) ?? []);
}
