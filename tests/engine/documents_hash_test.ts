import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { documentHash } from "../../supabase/functions/_shared/core/documents/document_hash.ts";
import { floatText } from "../../supabase/functions/_shared/core/documents/float_text.ts";
import { plainDecimal } from "../../supabase/functions/_shared/core/documents/plain_decimal.ts";
import { foundDocument } from "../../supabase/functions/_shared/sinks/found_document.ts";
import { fromExtendedJson } from "../../supabase/functions/_shared/sinks/from_extended_json.ts";
import { BSON } from "../../supabase/functions/_shared/sinks/mongodb.ts";
import { createDatabase } from "../support/database.ts";

const MANY = 2_000;

Deno.test("floatText() writes a double as Postgres does", async () => {
  await using database = await createDatabase();
  const doubles = [
    ...fc.sample(fc.double({ noNaN: true }), MANY),
    // where a double has digits half way to its neighbour
    ...fc.sample(fc.bigInt(2n ** 53n, 2n ** 77n), MANY).map(Number),
    ...[0, -0, NaN, Infinity, -Infinity, 5e-324, 1e15, 1e14, 123456789012345.6, 1e-4, 1e-5, 0.1],
  ];

  const rows = await database.sql`
    select n::text as text from unnest(${
    doubles.map(String)
  }::float8[]) with ordinality as d (n, nth)
    order by nth`;

  const expected = doubles.map((n) => Object.is(n, -0) ? "0" : floatText(n));
  assertEquals(rows.map(({ text }) => text), expected);
});

Deno.test("plainDecimal() writes a decimal as Postgres does, all of its digits", async () => {
  await using database = await createDatabase();
  const numbers = fc.sample(
    fc.record({
      sign: fc.constantFrom("", "-"),
      digits: fc.stringMatching(/^[1-9]\d{0,32}$/),
      scale: fc.integer({ min: 0, max: 40 }),
    }),
    MANY,
  ).map(({ sign, digits, scale }) => {
    const padded = digits.padStart(scale + 1, "0");
    const whole = padded.slice(0, padded.length - scale);
    return sign + whole + (scale > 0 ? `.${padded.slice(padded.length - scale)}` : "");
  });

  const rows = await database.sql`
    select n::text as text from unnest(${numbers}::numeric[]) with ordinality as d (n, nth)
    order by nth`;

  assertEquals(
    rows.map(({ text }) => text),
    numbers.map((number) => plainDecimal(BSON.Decimal128.fromString(number).toString())),
  );
});

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
  fc.constantFrom('quotes " and \\', "\u0001\t\n\r\b\f\u001f", "\u2028", "日本"),
  fc.integer().map((n) => ({ $numberInt: String(n) })),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((n) => ({ $numberLong: String(n) })),
  fc.integer({ min: -1e9, max: 1e9 }).map((n) => ({ $numberDecimal: (n / 100).toFixed(2) })),
  fc.integer({ min: -8e12, max: 8e12 }).map((n) => ({ $date: { $numberLong: String(n) } })),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => ({ $oid: bytes.toHex() })),
  fc.uint8Array().map((bytes) => ({
    $binary: { base64: bytes.toBase64(), subType: bytes.length === 16 ? "04" : "00" },
  })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0))
    .map((n) => ({ $numberDouble: floatText(n) })),
);
const key = fc.string({ unit: "grapheme", minLength: 1 })
  .filter((name) => !name.startsWith("$") && !name.includes("\0"));
const { document } = fc.letrec((tie) => ({
  document: fc.dictionary(key, tie("value"), { maxKeys: 6, noNullPrototype: true }),
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    tie("document"),
    fc.array(tie("value"), { maxLength: 4 }),
  ),
}));

Deno.test("a document's hash is the same in Postgres and after a way through BSON, whatever it holds", async () => {
  await using database = await createDatabase();
  await fc.assert(
    fc.asyncProperty(fc.array(document, { minLength: 20, maxLength: 40 }), async (documents) => {
      const rows = await database.sql`
        select ('x' || left(md5((value::jsonb)::text), 16))::bit(64)::bigint::text as hash
        from unnest(${documents.map((each) => JSON.stringify(each))}::text[])
          with ordinality as listed (value, nth)
        order by nth`;

      const hashes = documents.map((each) =>
        documentHash(BSON.deserialize(
          BSON.serialize(fromExtendedJson(each) as BSON.Document, { ignoreUndefined: false }),
          { promoteValues: false, promoteLongs: false },
        ))
      );

      assertEquals(hashes, rows.map(({ hash }) => hash));
    }),
    { numRuns: 40 },
  );
});

Deno.test("a document that was found counts what it embeds, and knows an _id that is no ObjectId", () => {
  const bytes = BSON.serialize({
    _id: 7,
    tags: ["a", "b"],
    users: [{ roles: [1, 2] }, { roles: [3] }, { roles: "none" }],
  });

  const found = foundDocument(bytes);

  assertEquals(found.id, '{"$numberInt": "7"}');
  assertEquals(
    ["tags", "users", "users.roles", "nothing", "tags.x"].map((path) => found.count(path)),
    [2, 3, 3, 0, 0],
  );
});
