import { projectFolder } from "../../scripts/stack/local_folder.ts";
import { supabaseCli } from "../../scripts/stack/supabase_cli.ts";

/** Copies the project's migrations: the CLI wants to see those that a database has. */
export async function copyMigrations(folder: string): Promise<void> {
  const from = `${projectFolder}/supabase/migrations`;
  for await (const { name } of Deno.readDir(from)) {
    await Deno.copyFile(`${from}/${name}`, `${folder}/${name}`);
  }
}

/** Runs a command of the real CLI on a database, for the project in a folder. */
export async function cli(args: string[], url: string, folder: string): Promise<void> {
  const target = ["--workdir", folder, "--db-url", `${url}?sslmode=disable`, "--yes"];
  const { success, stdout, stderr } = await (await supabaseCli([...args, ...target])).output();
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  if (!success) throw new Error(said);
}
