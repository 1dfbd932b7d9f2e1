import fc from "fast-check";

const word = fc.constantFrom(
  "user",
  "Order",
  "trip-plan",
  "a_b",
  "items",
  "all",
  "x",
  "größe",
  "select",
);
const id = fc.constantFrom(
  "1",
  "2",
  "03",
  "abc",
  "00000000-0000-4000-8000-000000000001",
  "00000000-0000-4000-8000-000000000002",
  "ORD-1700000000001",
  "a b",
  "ann@example.com",
  "<id>",
  "",
  "it's",
  "50%_\\x",
);

/** Keys as no app would make all of them. */
const key = fc.oneof(
  fc.tuple(word, id).map((parts) => parts.join(":")),
  fc.tuple(word, id, word).map((parts) => parts.join(":")),
  fc.tuple(word, id, id).map((parts) => parts.join(":")),
  fc.tuple(word, word, id).map((parts) => parts.join(":")),
  fc.tuple(word, id).map((parts) => parts.join("_")),
  fc.tuple(word, id).map((parts) => parts.join("-")),
  word,
  id,
  fc.array(id, { minLength: 1, maxLength: 11 }).map((parts) => parts.join(":")),
);

const scalar = fc.oneof(
  id,
  fc.constantFrom<fc.JsonValue>(true, "true", null, "", 0, 1, -1.5, "12.50", 1e300, "1e400"),
  fc.constantFrom(
    "2024-02-30",
    "2024-05-01",
    "2024-05-01T10:00:00.000Z",
    "2024-05-01 10:00",
    "14:05",
  ),
  fc.constantFrom<fc.JsonValue>(
    1_700_000_000_000,
    9_999_999_999_999_999,
    "NaN",
    "{",
    "[1]",
    "\t x ",
  ),
  fc.string({ maxLength: 6 }),
);

const member = fc.constantFrom(
  "id",
  "userId",
  "user_id",
  "createdAt",
  "created_at",
  "name",
  "order",
  "items",
  "tags",
  "password",
  "source_key",
  "Größe",
  "a.b",
  "it's",
  "",
  "<id>",
  "00000000-0000-4000-8000-000000000001",
);
const document = fc.dictionary(
  member,
  fc.oneof(
    { weight: 4, arbitrary: scalar },
    fc.array(scalar, { maxLength: 3 }),
    fc.array(fc.dictionary(member, scalar, { maxKeys: 3 }), { maxLength: 3 }),
    fc.dictionary(id, fc.dictionary(member, scalar, { maxKeys: 2 }), { maxKeys: 2 }),
    fc.jsonValue({ maxDepth: 2 }),
  ),
  { maxKeys: 6 },
);
const value = fc.oneof(
  { weight: 4, arbitrary: document },
  scalar.filter((each) => each !== null),
  fc.array(scalar, { maxLength: 4 }),
  fc.array(document, { maxLength: 3 }),
  document.map((each) => JSON.stringify(each)),
);

/** Stores of no order at all: whatever their keys and values may be. */
export function arbitraryJunk(): fc.Arbitrary<Record<string, unknown>> {
  return fc.uniqueArray(fc.tuple(key, value), {
    selector: ([name]) => name,
    minLength: 1,
    maxLength: 40,
  }).map((records) =>
    Object.fromEntries(
      records.map(([name, value]) => [
        name,
        // what Postgres cannot store, an import would take out
        JSON.parse(JSON.stringify(value).replaceAll(/\\u(0000|d[89a-f]..)/gi, "")),
      ]),
    )
  );
}
