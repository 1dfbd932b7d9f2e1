import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type postgres from "postgres";
import { documentHash } from "../../supabase/functions/_shared/core/documents/document_hash.ts";
import { floatText } from "../../supabase/functions/_shared/core/documents/float_text.ts";
import { plainDecimal } from "../../supabase/functions/_shared/core/documents/plain_decimal.ts";
import { foundDocument } from "../../supabase/functions/_shared/sinks/found_document.ts";
import { fromExtendedJson } from "../../supabase/functions/_shared/sinks/from_extended_json.ts";
import { BSON, Decimal128 } from "../../supabase/functions/_shared/sinks/mongodb.ts";
import { createDatabase } from "../support/database.ts";

const RUNS = Number(Deno.env.get("LANDFALL_TEST_RUNS") ?? 40);
/** So many values go to Postgres at a time. */
const MANY = 100;

const list = <Value>(value: fc.Arbitrary<Value>) =>
  fc.array(value, { minLength: MANY, maxLength: MANY });

Deno.test("a double is written as Postgres writes it", async () => {
  await using database = await createDatabase();
  const { sql } = database;
  const doubles = fc.oneof(
    fc.double(),
    // any bits: subnormal, huge, tiny
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((bits) =>
      new Float64Array(new BigUint64Array([bits]).buffer)[0]!
    ),
    fc.tuple(fc.integer({ min: -999, max: 999 }), fc.integer({ min: -20, max: 20 }))
      .map(([digits, power]) => Number(`${digits}e${power}`)),
    fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, 1e15, 1e-4, 1e-5),
    fc.maxSafeInteger(),
    // half way between two doubles, where JavaScript and Postgres part
    fc.constantFrom(-5.47e21, 9.5e-7 * 2 ** 90, 2 ** 70, 4.35e22),
  );

  await fc.assert(
    fc.asyncProperty(list(doubles), async (values) => {
      const texts = values.map((value) => Object.is(value, -0) ? "-0" : String(value));
      const rows = await sql`
        select value::float8::text as text
        from unnest(${texts}::text[]) with ordinality as given (value, nth) order by nth`;
      assertEquals(values.map(floatText), rows.map(({ text }) => text));
    }),
    { numRuns: RUNS },
  );
});

Deno.test("a decimal is written as Postgres writes it", async () => {
  await using database = await createDatabase();
  const { sql } = database;
  const decimals = fc.tuple(
    fc.boolean(),
    fc.integer({ min: 1, max: 34 }).chain((length) =>
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    ),
    fc.integer({ min: 0, max: 40 }),
  ).map(([negative, digits, scale]) => {
    const all = digits.join("").padStart(scale + 1, "0");
    const point = all.length - scale;
    return (negative ? "-" : "") + all.slice(0, point) +
      (scale > 0 ? `.${all.slice(point)}` : "");
  });

  await fc.assert(
    fc.asyncProperty(list(decimals), async (values) => {
      const rows = await sql`
        select value::numeric::text as text
        from unnest(${values}::text[]) with ordinality as given (value, nth) order by nth`;
      const texts = rows.map(({ text }) => text as string);
      assertEquals(
        texts.map((text) => plainDecimal(Decimal128.fromString(text).toString())),
        texts,
      );
    }),
    { numRuns: RUNS },
  );
  for (const name of ["NaN", "Infinity", "-Infinity"]) {
    assertEquals(plainDecimal(Decimal128.fromString(name).toString()), name);
  }
});

Deno.test("a document has the hash in BSON that it has in SQL", async () => {
  await using database = await createDatabase();
  const { sql } = database;

  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitraryDocument(), { minLength: 1, maxLength: 20 }),
      async (all) => {
        const texts = all.map((document) => JSON.stringify(document));
        const hashes = await sqlHashes(sql, texts);
        const bson = all.map((document) =>
          BSON.serialize(fromExtendedJson(document) as BSON.Document, { ignoreUndefined: false })
        );
        assertEquals(bson.map((bytes) => foundDocument(bytes).hash), hashes);
      },
    ),
    { numRuns: RUNS },
  );
});

Deno.test("documents that differ in anything but the order of fields have other hashes", () => {
  const documents = [
    '{"a": {"$numberInt": "1"}}',
    '{"a": {"$numberLong": "1"}}',
    '{"a": {"$numberDouble": "1"}}',
    '{"a": {"$numberDouble": "-0"}}',
    '{"a": {"$numberDouble": "0"}}',
    '{"a": {"$numberDecimal": "1"}}',
    '{"a": {"$numberDecimal": "1.0"}}',
    '{"a": "1"}',
    '{"a": null}',
    "{}",
    '{"a": []}',
    '{"a": [null]}',
    '{"a": {}}',
    '{"a": [{"b": "", "c": ""}]}',
    '{"a": {"$date": {"$numberLong": "1"}}}',
    '{"a": {"$oid": "000000000000000000000001"}}',
  ];
  const hash = (text: string) =>
    documentHash(BSON.deserialize(
      BSON.serialize(fromExtendedJson(JSON.parse(text)) as BSON.Document),
      { promoteValues: false },
    ));

  assertEquals(new Set(documents.map(hash)).size, documents.length);
  assertEquals(hash('{"a": [{"c": "", "b": ""}]}'), hash('{"a": [{"b": "", "c": ""}]}'));
});

async function sqlHashes(sql: postgres.Sql, texts: readonly string[]): Promise<string[]> {
  const rows = await sql`
    select ('x' || left(md5(document::jsonb::text), 16))::bit(64)::bigint::text as hash
    from unnest(${texts}::text[]) with ordinality as given (document, nth) order by nth`;
  return rows.map(({ hash }) => hash);
}

/** Documents of all types that a transform can give, with names of many lengths in bytes. */
function arbitraryDocument(): fc.Arbitrary<Record<string, unknown>> {
  const letters = fc.constantFrom(...'abZ_09 -."\\/é日𝒳\n\t\b\u0001\u001f\u007f\u2028ﬁ\u00ad');
  // Postgres has no NUL in a text, and nobody half a surrogate pair
  const text = fc.oneof(
    fc.array(letters, { maxLength: 8 }).map((all) => all.join("")),
    fc.string({ unit: "binary" }).map((all) => all.replaceAll("\0", "").toWellFormed()),
  );
  const name = text.filter((it) => !it.startsWith("$") && it !== "_bsontype");
  const typed = fc.oneof(
    fc.integer().map((value) => ({ $numberInt: `${value}` })),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => ({
      $numberLong: `${value}`,
    })),
    fc.double().map((value) => ({ $numberDouble: floatText(value) })),
    fc.tuple(fc.bigInt({ min: -(10n ** 33n), max: 10n ** 33n }), fc.integer({ min: 0, max: 9 }))
      .map(([digits, scale]) => ({
        $numberDecimal: plainDecimal(Decimal128.fromString(`${digits}E-${scale}`).toString()),
      })),
    fc.date({ noInvalidDate: true }).map((date) => ({
      $date: { $numberLong: `${date.getTime()}` },
    })),
    fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => ({ $oid: bytes.toHex() })),
    fc.tuple(fc.uint8Array({ maxLength: 12 }), fc.constantFrom("00", "05", "80")).map((
      [bytes, subType],
    ) => ({ $binary: { base64: bytes.toBase64(), subType } })),
  );
  const { document } = fc.letrec<{ value: unknown; document: Record<string, unknown> }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      text,
      fc.boolean(),
      fc.constant(null),
      typed,
      fc.array(tie("value"), { maxLength: 4 }),
      tie("document"),
    ),
    document: fc.dictionary(name, tie("value"), { maxKeys: 6 }),
  }));
  return document;
}
