import { assertEquals } from "@std/assert";
import { REQUESTS } from "../../supabase/functions/_shared/requests.ts";
import { setup } from "./setup.ts";

/** Signed by nobody we know, as every key of the old kind is. */
const LEGACY_KEY = [
  { alg: "HS256", typ: "JWT" },
  { iss: "supabase", role: "service_role", exp: 4_000_000_000 },
].map((part) => btoa(JSON.stringify(part)).replaceAll("=", "")).concat("c2lnbmF0dXJl").join(".");

for (const name of Object.keys(REQUESTS)) {
  Deno.test(`${name}() does nothing for callers without the secret key (LF002)`, async () => {
    await using test = await setup();
    const { publishableKey, secretKey } = test.api.keys;
    const strangers: Record<string, HeadersInit> = {
      "no key": {},
      "the publishable key": { apikey: publishableKey },
      "a wrong key": { apikey: `${secretKey}x` },
      "a legacy key": { apikey: LEGACY_KEY },
      "a legacy key as a token": { authorization: `Bearer ${LEGACY_KEY}` },
      "the secret key as a token": { authorization: `Bearer ${secretKey}` },
    };

    for (const [stranger, headers] of Object.entries(strangers)) {
      const response = await test.call(name, {}, headers);
      const failure = await response.json();
      assertEquals([response.status, failure.code], [401, "LF002"], stranger);
      assertEquals(JSON.stringify(failure).includes(secretKey), false, stranger);
    }

    const [written] = await test.sql`
      select (select count(*)::int from landfall.runs) as runs,
        (select count(*)::int from clients) as clients
    `;
    assertEquals(written, { runs: 0, clients: 0 });
  });
}
