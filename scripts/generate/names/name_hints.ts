const TIME =
  /(^|_)(at|on|time|times|date|datetime|timestamp|ts|created|updated|modified|deleted|changed|expires|expiry|expiration|since|until|seen|login|logout|birthday|started|ended|finished|completed|scheduled|published|reset)$/;
const COUNT =
  /(^|_)(count|counts|counter|num|number|no|qty|quantity|amount|total|sum|attempts|tries|retries|retry|priority|level|position|pos|order|sort|rank|version|revision|size|length|width|height|score|points|index|idx|step|depth|weight|year|month|day|hour|minute|id|code|type|kind|status|state)$/;
const SECRET =
  /(^|_)(password|passwd|passphrase|passcode|pwd|secret|secrets|token|tokens|api_?key|private_?key|access_?key|session_?key|session_?data|credential|credentials|salt|otp|totp|pin|cvv|hash|cookie|cookies|sid|jwt|bearer|(backup|recovery)_codes?|ssn)(_|$)|^iv(_|$)|_iv$/;

/**
 * What a column's name says of its values, where these alone could mean several things: a number
 * of thirteen digits is a time in `createdAt` and a telephone number elsewhere.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nameHints("createdAt"), { time: true, count: false, secret: false });
 * assertEquals(nameHints("retry_count"), { time: false, count: true, secret: false });
 * assertEquals(nameHints("accessToken"), { time: false, count: false, secret: true });
 * ```
 */
export function nameHints(name: string): { time: boolean; count: boolean; secret: boolean } {
  const words = snakeCase(name);
  return { time: TIME.test(words), count: COUNT.test(words), secret: SECRET.test(words) };
}

/**
 * Writes a name in lower case with underscores between its words.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["userID", "HTTPServer", "Order Items"].map(snakeCase), [
 *   "user_id",
 *   "http_server",
 *   "order_items",
 * ]);
 * ```
 */
export function snakeCase(name: string): string {
  return name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1_$2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1_$2")
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_+|_+$/g, "")
    .toLowerCase();
}
