import { floatText } from "./float_text.ts";
import { plainDecimal } from "./plain_decimal.ts";

/** A value of BSON's that JavaScript has no type for; what it holds depends on the type. */
interface BsonValue {
  readonly _bsontype: string;
  toString(encoding?: string): string;
}

/**
 * Writes a document as Postgres writes its canonical Extended JSON: `document::jsonb::text`.
 *
 * Keys are sorted by length, then by bytes, as jsonb sorts them, so that the order of fields does
 * not matter, and numbers are written as Postgres writes them. What the same bytes in a database
 * lead to on both sides can be compared by a hash.
 *
 * @param value A document as the driver reads it without promoting any type.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   canonicalText({ title: "Ship it", at: new Date(0), tags: [], _id: null }),
 *   '{"at": {"$date": {"$numberLong": "0"}}, "_id": null, "tags": [], "title": "Ship it"}',
 * );
 * ```
 */
export function canonicalText(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "boolean") return String(value);
  if (value === undefined) return '{"$undefined": true}';
  if (value instanceof Date) return typed("$date", typed("$numberLong", text(value.getTime())));
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(", ")}]`;
  if (isBsonValue(value)) return bsonText(value);
  return documentText(value as Record<string, unknown>);
}

function documentText(document: Record<string, unknown>): string {
  const fields = sortedKeys(document).map((key) =>
    `${JSON.stringify(key)}: ${canonicalText(document[key])}`
  );
  return `{${fields.join(", ")}}`;
}

function bsonText(value: BsonValue): string {
  switch (value._bsontype) {
    case "ObjectId":
      return typed("$oid", text(value.toString("hex")));
    case "Int32":
      return typed("$numberInt", text(value));
    case "Long":
      return typed("$numberLong", text(value));
    case "Double":
      return typed("$numberDouble", text(floatText(Number(value))));
    case "Decimal128":
      return typed("$numberDecimal", text(plainDecimal(value.toString())));
    case "Binary": {
      const { sub_type } = value as unknown as { sub_type: number };
      const subType = sub_type.toString(16).padStart(2, "0");
      return typed(
        "$binary",
        `{"base64": ${text(value.toString("base64"))}, "subType": ${text(subType)}}`,
      );
    }
    default:
      return typed(`$${value._bsontype}`, documentText({ ...value, _bsontype: value._bsontype }));
  }
}

function typed(name: string, value: string): string {
  return `{"${name}": ${value}}`;
}

function text(value: unknown): string {
  return JSON.stringify(String(value));
}

function isBsonValue(value: unknown): value is BsonValue {
  return typeof (value as Partial<BsonValue>)._bsontype === "string";
}

const ENCODER = new TextEncoder();
const ORDERS = new Map<string, readonly string[]>();
/** Documents of a collection have the same keys: their order is found once. */
const MOST_ORDERS = 1000;

function sortedKeys(document: object): readonly string[] {
  const keys = Object.keys(document);
  // one empty name and none look alike when they are joined
  if (keys.length < 2) return keys;
  const name = keys.join("\0");
  const known = ORDERS.get(name);
  if (known) return known;
  const sorted = keys
    .map((key) => ({ key, bytes: ENCODER.encode(key) }))
    .sort((one, other) => compareBytes(one.bytes, other.bytes))
    .map(({ key }) => key);
  if (ORDERS.size >= MOST_ORDERS) ORDERS.clear();
  ORDERS.set(name, sorted);
  return sorted;
}

function compareBytes(one: Uint8Array, other: Uint8Array): number {
  if (one.length !== other.length) return one.length - other.length;
  const place = one.findIndex((byte, nth) => byte !== other[nth]);
  return place < 0 ? 0 : one[place]! - other[place]!;
}
