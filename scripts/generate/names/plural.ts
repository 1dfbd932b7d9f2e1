const IRREGULAR: Readonly<Record<string, string>> = {
  person: "people",
  child: "children",
  man: "men",
  woman: "women",
  datum: "data",
  index: "indexes",
  status: "statuses",
  analysis: "analyses",
  medium: "media",
};
/** Words that are plural already, or have none. */
const UNCOUNTED =
  /(^|_)(data|media|news|series|info|metadata|staff|equipment|inventory|history|feedback|settings|people|children|men|women|availability|content|info|stats|progress|analytics)$/;

/**
 * Makes the last word of a name plural, where it is not.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["user", "category", "catalogs", "box", "status", "order_history"].map(plural), [
 *   "users",
 *   "categories",
 *   "catalogs",
 *   "boxes",
 *   "statuses",
 *   "order_history",
 * ]);
 * ```
 */
export function plural(name: string): string {
  const [, before = "", last = name] = /^(.*_)?([^_]+)$/.exec(name) ?? [];
  if (UNCOUNTED.test(name)) return name;
  const irregular = IRREGULAR[last];
  if (irregular !== undefined) return before + irregular;
  if (singular(name) !== name) return name;
  if (/[^aeiou]y$/.test(last)) return `${before}${last.slice(0, -1)}ies`;
  if (/(s|x|z|ch|sh)$/.test(last)) return `${before}${last}es`;
  return `${before}${last}s`;
}

/**
 * Makes the last word of a name singular, where it is plural.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["users", "categories", "bus", "boxes", "people", "address"].map(singular), [
 *   "user",
 *   "category",
 *   "bus",
 *   "box",
 *   "person",
 *   "address",
 * ]);
 * ```
 */
export function singular(name: string): string {
  const [, before = "", last = name] = /^(.*_)?([^_]+)$/.exec(name) ?? [];
  const [one] = Object.entries(IRREGULAR).find(([, many]) => many === last) ?? [];
  if (one !== undefined) return before + one;
  if (UNCOUNTED.test(name)) return name;
  if (/[^aeiou]ies$/.test(last) && last.length > 4) return `${before}${last.slice(0, -3)}y`;
  if (/(ss|x|z|ch|sh)es$/.test(last)) return `${before}${last.slice(0, -2)}`;
  if (/[^su]s$/.test(last) && !/(is|as)$/.test(last) && last.length > 3) {
    return `${before}${last.slice(0, -1)}`;
  }
  return name;
}
