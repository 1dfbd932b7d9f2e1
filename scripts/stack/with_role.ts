import { SignJWT } from "jose";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import type { Keys } from "./keys.ts";

/**
 * Turns the API key of a request into the token of a role, as the platform's gateway does towards
 * PostgREST: publishable keys become anon, secret keys service_role.
 *
 * A user's own token in Authorization stays; one that repeats the key is replaced.
 *
 * @param headers The request's headers.
 * @param keys The keys of the stack.
 * @returns A copy of the headers that PostgREST understands.
 * @throws LF002 without a key and for a key of another stack.
 */
export async function withRole(headers: Headers, keys: Keys): Promise<Headers> {
  const key = headers.get("apikey");
  const role = roleOf(key, keys);
  const authorization = headers.get("authorization");
  const translated = new Headers(headers);
  if (authorization === null || authorization === `Bearer ${key}`) {
    translated.set("authorization", `Bearer ${await tokenFor(role, keys.jwtSecret)}`);
  }
  return translated;
}

function roleOf(key: string | null, keys: Keys): "anon" | "service_role" {
  if (key === keys.secretKey) return "service_role";
  if (key === keys.publishableKey) return "anon";
  throw new LandfallError("LF002", key === null ? "There is no API key" : "Unknown API key", {
    hint: "Send a key of this stack in the header apikey: deno task supabase status shows them.",
  });
}

async function tokenFor(role: string, secret: string): Promise<string> {
  return await new SignJWT({ role })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setExpirationTime("1 minute")
    .sign(new TextEncoder().encode(secret));
}
