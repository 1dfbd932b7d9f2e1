import { join } from "@std/path";
import type { Move } from "./trap.ts";
import type { Workbench } from "./workbench.ts";

/** It can wait for itself without end. */
const LIMIT_SECONDS = 30;

/**
 * Loads a file by pgloader, as its documentation has it for a whole database: what it does with a
 * bad row is left as it ships.
 *
 * @param schema An empty schema for the tables.
 * @returns Its exit code; a failure where it did not end by itself.
 */
export async function moveByPgloader(
  { folder, databaseUrl, sql }: Workbench,
  file: string,
  schema: string,
): Promise<Move> {
  await sql`create schema ${sql(schema)}`;
  const commands = join(folder, `${schema}.load`);
  await Deno.writeTextFile(
    commands,
    `load database from sqlite://${file} into ${databaseUrl}
     with include drop, create tables, create indexes, reset sequences
     set search_path to '${schema}';`,
  );
  const process = new Deno.Command("pgloader", {
    args: ["--root-dir", folder, commands],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let killed = false;
  const limit = setTimeout(() => {
    killed = true;
    process.kill("SIGKILL");
  }, LIMIT_SECONDS * 1_000);
  const { code } = await process.status;
  clearTimeout(limit);
  return killed
    ? { exitCode: code, failure: `hangs: ended after ${LIMIT_SECONDS} s` }
    : { exitCode: code };
}
