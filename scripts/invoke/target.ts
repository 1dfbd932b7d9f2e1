import { LandfallError } from "../../supabase/functions/_shared/errors.ts";

/** The project that is called. */
export interface Target {
  /** Without a slash at the end. */
  readonly url: string;
  readonly secretKey: string;
  /** How it is called: over HTTP unless said. */
  readonly fetch?: typeof fetch;
}

/**
 * Reads SUPABASE_URL and SUPABASE_SECRET_KEY, which `deno task supabase` sets to those of the local
 * stack when nobody else has.
 *
 * @throws LF006 when one of them is missing.
 */
export function findTarget(): Target {
  const url = Deno.env.get("SUPABASE_URL");
  const secretKey = Deno.env.get("SUPABASE_SECRET_KEY");
  if (url && secretKey) return { url: url.replace(/\/+$/, ""), secretKey };
  throw new LandfallError("LF006", "There is no project to call", {
    details: url
      ? "SUPABASE_URL is set, SUPABASE_SECRET_KEY is not."
      : "SUPABASE_URL is not set and the local stack does not run.",
    hint: "Start the stack with deno task start, or set SUPABASE_URL and SUPABASE_SECRET_KEY.",
  });
}
