import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";

/**
 * Refuses what is no file that is there, and may be a URL that was mistyped: it may hold a password,
 * so it is not repeated.
 *
 * @param from The source as it was typed, which is no URL.
 * @throws LF008 for such a one.
 */
export async function refuseMalformedUrl(from: string): Promise<void> {
  if (!/^postgres|@/i.test(from) || await Deno.stat(from).then(() => true, () => false)) return;
  throw new LandfallError(
    "LF008",
    "The source is neither a URL of Postgres nor a file that exists",
    {
      details: "It is not repeated here, as it may hold a password.",
      hint: "A URL looks like postgresql://user:password@host:5432/database.",
    },
  );
}
