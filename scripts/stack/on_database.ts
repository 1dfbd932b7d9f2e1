/** The CLI's commands that work on a database and take its URL. */
const COMMANDS = [
  /^db (reset|push|pull|diff|dump|lint|advisors|query)$/,
  /^migration (list|up|down|fetch|repair|squash)$/,
  /^test db$/,
  /^inspect /,
];

/** The flags by which a user names the database, in versions 2 and 3 of the CLI. */
const TARGETS = ["--local", "--linked", "--db-url", "--remote"];

/**
 * Points a command of the Supabase CLI at a database, if it works on one and the user did not say
 * on which.
 *
 * @param args The command, as typed.
 * @param url The database's URL.
 * @returns The command to run.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const url = "postgresql://postgres:secret@127.0.0.1:55322/postgres";
 * assertEquals(onDatabase(["db", "push"], url), ["db", "push", "--db-url", `${url}?sslmode=disable`]);
 * assertEquals(onDatabase(["db", "push", "--linked"], url), ["db", "push", "--linked"]);
 * ```
 */
export function onDatabase(args: readonly string[], url: string): string[] {
  const command = args.filter((arg) => !arg.startsWith("-")).slice(0, 2).join(" ");
  const hasTarget = args.some((arg) => TARGETS.includes(arg.split("=")[0]!));
  const help = args.includes("--help") || args.includes("-h");
  if (hasTarget || help || !COMMANDS.some((each) => each.test(command))) return [...args];
  const target = ["--db-url", `${url}?sslmode=disable`];
  // the CLI takes it for a remote database and would ask; a local one is reset without a question
  return [...args, ...target, ...(command === "db reset" ? ["--yes"] : [])];
}
