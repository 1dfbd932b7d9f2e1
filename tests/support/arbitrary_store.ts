import fc from "fast-check";

/** A record of a key-value store: its key, and its value as JSON text. */
export interface StoredRecord {
  readonly key: string;
  readonly value: string;
}

/** Ids that records share, so that they refer to each other and get in each other's way. */
const IDS = ["a", "b", "c", "d"].map((digit) => `${digit.repeat(8)}-0000-4000-8000-000000000001`);

/** Any text that Postgres can store. */
const text = fc.string({ unit: "binary", maxLength: 8 }).map((any) => any.replaceAll("\0", ""));

/** What a person or a program may have left where something else belongs. */
const anything: fc.Arbitrary<fc.JsonValue> = fc.oneof(
  fc.constantFrom<fc.JsonValue>(null, true, "", " ", [], {}, [" "], { a: " b " }, -1, 0.005, 1e300),
  fc.constantFrom(
    "1e400",
    "-0.001",
    "NaN",
    "Infinity",
    "1_0",
    "0x1f",
    "١٢",
    "1,5",
    " 12 ",
    "2147483648",
  ),
  fc.constantFrom(
    "infinity",
    "0044-03-15 BC",
    "294277-01-01",
    "2024-02-30",
    "2024-01-01T25:00:00Z",
  ),
  fc.constantFrom("yes", "TRUE ", "2", "null", '{"a": 1}', "a\u00a0", "\u2028", "é", "e\u0301"),
  fc.constantFrom(...IDS, `{${IDS[0]}}`, IDS[1]!.toUpperCase(), IDS[2]!.replaceAll("-", "")),
  fc.integer({ min: 2_000, max: 9_000 }).map(incompressible),
  fc.integer({ min: 10, max: 200 }).map((depth) =>
    JSON.parse(`${"[".repeat(depth)}" x "${"]".repeat(depth)}`)
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  text,
  storable(fc.jsonValue({ stringUnit: "binary", maxDepth: 3 })),
);

const id = fc.constantFrom(...IDS);
const name = fc.constantFrom("Acme", "  Ås & Ø ", "🎁🎁", "日本");
const number = fc.constantFrom<fc.JsonValue>(0, 4.5, "12.50", " 7 ", 99999999.99);
const time = fc.constantFrom("2024-05-01T10:00:00.000Z", "2024-05-01", "2024-02-29 23:59:59+14");
const document = fc.constantFrom<fc.JsonValue>({ a: [" b ", null] }, ["x"], {}, 1);

/** For each prefix of keys the fields of a record that passes. */
const FAMILIES: Readonly<Record<string, Readonly<Record<string, fc.Arbitrary<fc.JsonValue>>>>> = {
  "client:": {
    name,
    contact_email: fc.constantFrom("a@b.example", " é@ö.example "),
    client_code: fc.constantFrom("C1", "C2", " C2"),
    client_has_employee_data: fc.constantFrom<fc.JsonValue>(true, "no"),
    created_at: time,
  },
  "catalogs:": {
    name,
    type: fc.constantFrom("erp", "manual "),
    totalProducts: fc.constant(9),
    activeProducts: fc.constantFrom<fc.JsonValue>(3, "9"),
    settings: document,
    ownerId: id,
  },
  "site:": {
    client_id: id,
    catalog_id: id,
    name,
    slug: fc.constantFrom("shop", "shop-2", " shop-3 "),
    branding: document,
    selection_start_date: fc.constant("2024-01-01"),
    selection_end_date: time,
  },
  "gift:": {
    catalogId: id,
    sku: fc.constantFrom("A-1", "A-2", "A-3 "),
    name,
    price: number,
    availableQuantity: fc.constantFrom<fc.JsonValue>(0, "5"),
    features: document,
    source: fc.constant({ externalId: "e", syncStatus: "synced" }),
    updatedAt: time,
  },
  "employee:": {
    site_id: id,
    employee_id: fc.constantFrom<fc.JsonValue>("E1", "E2", 3),
    email: fc.constant("e@f.example"),
  },
  "order:": {
    client_id: id,
    site_id: id,
    gift_id: id,
    employee_id: id,
    order_number: fc.constantFrom("", "O-1", "O-2"),
    status: fc.constantFrom("pending", "shipped"),
    shipped_at: time,
    total_amount: number,
    items: document,
  },
};

const LISTS = [
  "clients:all",
  "catalogs:all",
  "sites:all",
  "gifts:all",
  "employees:all",
  "orders:all",
];

/**
 * Makes records of a store as it may have become over the years: most nearly right, any field of
 * some replaced by anything, some encoded twice, some no records at all; keys that name the same
 * row, or none.
 *
 * Ids and unique values come from a few, so that records refer to each other and collide.
 *
 * @returns An arbitrary that shrinks towards fewer and simpler records.
 */
export function arbitraryRecord(): fc.Arbitrary<StoredRecord> {
  const prefix = fc.constantFrom(...Object.keys(FAMILIES));
  const family = prefix.chain((prefix) =>
    fc.tuple(keyUnder(prefix), valueOf(FAMILIES[prefix]!)).map(([key, value]) => ({ key, value }))
  );
  const list = fc.record({
    key: fc.constantFrom(...LISTS),
    value: encoded(fc.oneof(fc.array(fc.oneof(id, anything)), anything)),
  });
  const unrelated = fc.record({ key: text, value: encoded(anything) });
  return fc.oneof({ weight: 20, arbitrary: family }, list, unrelated);
}

/** Mostly a sound id, so that most records have a row of their own. */
function keyUnder(prefix: string): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 12, arbitrary: id },
    id.chain((id) => fc.constantFrom(id.toUpperCase(), `{${id}}`, `${id}:x`, `${id} `, `x${id}`)),
    text,
  ).map((rest) => prefix + rest);
}

/** A record of which at most a few fields are wrong or missing, or anything else. */
function valueOf(fields: Readonly<Record<string, fc.Arbitrary<fc.JsonValue>>>) {
  const sound = fc.record({ ...fields });
  const names = Object.keys(fields);
  const spoiled = fc.tuple(
    sound,
    fc.dictionary(fc.constantFrom(...names), anything, { maxKeys: 2 }),
  )
    .map(([record, faults]) => ({ ...record, ...faults }));
  const partial = fc.record({ ...fields }, { requiredKeys: [] });
  return encoded(
    fc.oneof(
      { weight: 5, arbitrary: sound },
      { weight: 5, arbitrary: spoiled },
      partial,
      anything,
    ) as fc.Arbitrary<fc.JsonValue>,
  );
}

/** As JSON text; sometimes encoded twice, sometimes with what JSON text may hold and Postgres not. */
function encoded(value: fc.Arbitrary<fc.JsonValue>): fc.Arbitrary<string> {
  const once = value.map((value) => JSON.stringify(value));
  return fc.oneof(
    { weight: 12, arbitrary: once },
    once.map((json) => JSON.stringify(json)),
    fc.constantFrom('{"name": "\\u0000"}', '{"name": "\\ud800"}', "{not json", " [", "{}{}")
      .map((json) => JSON.stringify(json)),
  );
}

/** Without the character that jsonb cannot hold. */
function storable(value: fc.Arbitrary<fc.JsonValue>): fc.Arbitrary<fc.JsonValue> {
  return value.map((value) => JSON.parse(JSON.stringify(value).replaceAll("\\u0000", "")));
}

/** Letters that no compression shortens: longer than an index takes, from about 2,700 on. */
function incompressible(length: number): string {
  let state = length;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return String.fromCharCode(97 + (state >>> 16) % 26);
  }).join("");
}
