import { BSON } from "./mongodb.ts";

const DOCUMENT = 3;
const ARRAY = 4;
const END_OF_DOCUMENT = 1;

/** No type is promoted to one of JavaScript's that holds less. */
const AS_STORED = {
  promoteValues: false,
  promoteLongs: false,
  promoteBuffers: false,
  bsonRegExp: true,
} as const;

/** Reads BSON without promoting any type; of keys that are whole numbers the order is lost. */
export function readBson(bytes: Uint8Array): BSON.Document {
  return BSON.deserialize(bytes, AS_STORED);
}

/**
 * Reads BSON so that it is the same bytes when it is written again.
 *
 * JavaScript puts an object's keys that are whole numbers before the others, in their own order. A
 * document that has such keys in another order becomes a Map, which the driver writes as it stands.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { BSON } from "./mongodb.ts";
 *
 * const bytes = BSON.serialize(new Map([["b", 1], ["10", 2], ["2", 3]]));
 *
 * assertEquals(BSON.serialize(exactDocument(bytes)), bytes);
 * ```
 */
export function exactDocument(bytes: Uint8Array): BSON.Document {
  const document = readBson(bytes);
  return sameBytes(BSON.serialize(document), bytes) ? document : inOrder(bytes);
}

function inOrder(bytes: Uint8Array): Map<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const [type, nameAt, nameLength, at, length] of BSON.onDemand.parseToElements(bytes)) {
    const name = new TextDecoder().decode(bytes.subarray(nameAt, nameAt + nameLength));
    const value = bytes.subarray(at, at + length);
    if (type === DOCUMENT) fields.set(name, inOrder(value));
    else if (type === ARRAY) fields.set(name, [...inOrder(value).values()]);
    else fields.set(name, readValue(type, value));
  }
  return fields;
}

/** Reads a value as the only one of a document, whose name is empty. */
function readValue(type: number, value: Uint8Array): unknown {
  const size = 4 + 1 + 1 + value.length + END_OF_DOCUMENT;
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setInt32(0, size, true);
  bytes[4] = type;
  bytes.set(value, 6);
  return readBson(bytes)[""];
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, nth) => byte === other[nth]);
}
