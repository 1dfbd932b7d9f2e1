import { join } from "@std/path";

/**
 * Copies a database into another by `pg_dump | psql`, as a person would: tables, rows, keys and
 * indexes as they are.
 *
 * The programs are those beside the server's own, where LANDFALL_POSTGRES_BIN names its folder, or
 * else on the PATH.
 *
 * @returns How long it took, in milliseconds; or why it could not be done: pg_dump copies no server
 * that is newer than itself.
 */
export async function runDump(from: string, to: string): Promise<number | string> {
  const folder = Deno.env.get("LANDFALL_POSTGRES_BIN");
  const program = (name: string) => folder ? join(folder, name) : name;
  const start = performance.now();
  let reader: Deno.ChildProcess;
  let writer: Deno.ChildProcess;
  try {
    reader = new Deno.Command(program("pg_dump"), {
      args: ["--no-owner", from],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    writer = new Deno.Command(program("psql"), {
      args: ["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", to],
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "pg_dump and psql are not on the PATH";
    throw error;
  }
  const [said, complained] = await Promise.all([
    new Response(reader.stderr).text(),
    new Response(writer.stderr).text(),
    reader.stdout.pipeTo(writer.stdin),
  ]);
  const ended = await Promise.all([reader.status, writer.status]);
  if (ended.every(({ success }) => success)) return performance.now() - start;
  return `it broke down: ${(said || complained).trim().split("\n").at(-1)}`;
}
