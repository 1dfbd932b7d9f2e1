import { Binary, Decimal128, Double, EJSON, Int32, Long, ObjectId } from "./mongodb.ts";

/**
 * Makes BSON values of canonical Extended JSON that is parsed already.
 *
 * The usual types are made here, since the driver's own way writes the document as text first; the
 * rare ones are left to it.
 *
 * @throws {Error} for a value that BSON cannot hold, such as a decimal of more than 34 digits.
 */
export function fromExtendedJson(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(fromExtendedJson);

  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]![0].startsWith("$")) {
    const [type, given] = entries[0]!;
    const make = TYPES[type];
    return make ? make(given) : EJSON.deserialize(value, { relaxed: false });
  }
  if (entries.some(([key]) => key.startsWith("$"))) {
    return EJSON.deserialize(value, { relaxed: false });
  }
  const document: Record<string, unknown> = {};
  for (const [key, item] of entries) {
    // a plain assignment to this name would set the prototype
    if (key === "__proto__") Object.defineProperty(document, key, field(item));
    else document[key] = fromExtendedJson(item);
  }
  return document;
}

function field(item: unknown): PropertyDescriptor {
  return {
    value: fromExtendedJson(item),
    enumerable: true,
    writable: true,
    configurable: true,
  };
}

// deno-lint-ignore no-explicit-any -- what Postgres gave is what the type says
const TYPES: Readonly<Record<string, (given: any) => unknown>> = {
  $oid: (hex: string) => ObjectId.createFromHexString(hex),
  $numberInt: (digits: string) => new Int32(wholeNumber(digits, -(2 ** 31), 2 ** 31 - 1)),
  $numberLong: (digits: string) => Long.fromStringStrict(digits),
  $numberDouble: (digits: string) => new Double(Number(digits)),
  $numberDecimal: (digits: string) => Decimal128.fromString(digits),
  $date: ({ $numberLong }: { $numberLong: string }) =>
    new Date(wholeNumber($numberLong, -8.64e15, 8.64e15)),
  $binary: ({ base64, subType }: { base64: string; subType: string }) =>
    Binary.createFromBase64(base64, parseInt(subType, 16)),
};

function wholeNumber(digits: string, least: number, most: number): number {
  const number = Number(digits);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new RangeError("a number is out of its type's range");
}
