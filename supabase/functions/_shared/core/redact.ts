const SECRETS: readonly [RegExp, string][] = [
  // scheme://user:password@host
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*(?::[^\s/]*)?@/gi, "$1***@"],
  // password=… in a connection string or a query
  [/(password|apikey|api_key)=[^\s&]+/gi, "$1=***"],
  [/sb_(secret|publishable)_[\w-]+/g, "sb_$1_***"],
  // a JSON web token
  [/eyJ[\w-]{8,}\.[\w-]+\.[\w-]+/g, "eyJ***"],
];

/**
 * Takes keys and passwords out of a text that others wrote, such as a driver's error.
 *
 * For everything that leaves the process in a log line or a message.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(redact("no route to postgres://me:pw@db:5432/x"), "no route to postgres://***@db:5432/x");
 * ```
 */
export function redact(text: string): string {
  return SECRETS.reduce((clean, [secret, mask]) => clean.replace(secret, mask), text);
}
