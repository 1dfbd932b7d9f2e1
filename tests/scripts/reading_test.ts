import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { cellEncoder } from "../../scripts/import/sqlite/cell_encoder.ts";
import { CopyBuffer } from "../../scripts/import/sqlite/copy_buffer.ts";
import { canonicalSql } from "../../scripts/verify/reading/canonical_sql.ts";
import { cellReader } from "../../scripts/verify/reading/cell_reader.ts";
import { comparable } from "../../scripts/verify/reading/comparable.ts";
import { jsonbText } from "../../scripts/verify/reading/jsonb_text.ts";
import type { Reading, TimeUnit } from "../../scripts/verify/reading/reading.ts";
import { readingSql } from "../../scripts/verify/reading/reading_sql.ts";
import { realText } from "../../scripts/import/sqlite/real_text.ts";
import { textReader } from "../../scripts/verify/reading/text_reader.ts";
import { createDatabase } from "../support/database.ts";
import { TRIALS } from "./reading_trials.ts";

const RUNS = Number(Deno.env.get("LANDFALL_TEST_RUNS") ?? 1_000);
const SEED = Number(Deno.env.get("LANDFALL_TEST_SEED") ?? Math.floor(Math.random() * 1e9));

for (const [reading, trial] of TRIALS) {
  const name = `${reading.as}${"units" in reading ? ` in ${reading.units.join(" or ")}` : ""}`;
  const scale = "scale" in reading ? ` of ${reading.scale} decimals` : "";
  Deno.test(`readingSql() and textReader() make the same of a ${name}${scale}`, async () => {
    await using test = await setup();
    const random = fc.sample(trial.random, { numRuns: RUNS, seed: SEED });
    const exceptions = trial.exceptions ?? [];
    const texts = [...new Set([...trial.texts, ...exceptions, ...random])];
    const read = textReader(reading);

    const outcomes = await test.outcomes(reading, trial.type, texts);

    const differences = texts.flatMap((text, place) => {
      const [here, there] = [read(text), outcomes[place]];
      return here === there || exceptions.includes(text) ? [] : [{ text, here, there }];
    });
    assertEquals(differences, [], `seed ${SEED}`);
    const excepted = exceptions.map((
      text,
    ) => [read(text), outcomes[texts.indexOf(text)] === undefined]);
    assertEquals(excepted, exceptions.map(() => [undefined, false]));
    assert(comparable(reading, trial.type));
  });
}

Deno.test("readingSql() says why it refuses a value, and which", async () => {
  await using test = await setup();
  const refusal = (reading: Reading, text: string) =>
    test.sql`select (${
      test.sql.unsafe(readingSql(reading, "x"))
    })::text from (select ${text}::text as x)`
      .then(() => "", (error) => error.message);
  const seconds: TimeUnit[] = ["seconds"];

  for (
    const [reading, text, reason] of [
      [{ as: "date" }, "now", '"not a date: now"'],
      [{ as: "time", units: ["iso"] }, "now", '"not a time: now"'],
      [{ as: "time", units: seconds }, "1714557600000", '"not a time in seconds: 1714557600000"'],
      [{ as: "time", units: [...seconds, "iso"] }, "abc", '"abc"'],
      [{ as: "numeric", scale: 1 }, "0.25", '"more than 1 decimals: 0.25"'],
    ] as const satisfies [Reading, string, string][]
  ) {
    const message = await refusal(reading, text);
    assert(message.endsWith(reason), message);
  }
});

Deno.test("readingSql() and textReader() take the same texts for NULL", async () => {
  await using test = await setup();
  for (const nulls of [["it's"], ["", "\\N", "'"]]) {
    const texts = [...nulls, "5", "\\"];
    const readings: Reading[] = [
      ...["text", "integer", "real", "boolean", "uuid", "json", "date"].map((as) => ({
        as,
        nulls,
      })) as Reading[],
      { as: "numeric", scale: 0, nulls },
      { as: "time", units: ["iso", "seconds"], nulls },
    ];
    for (const reading of readings) {
      const outcomes = await test.outcomes(
        reading,
        TRIALS.find(([{ as }]) => as === reading.as)![1].type,
        texts,
      );
      assertEquals(outcomes, texts.map(textReader(reading)), JSON.stringify(reading));
    }
  }
});

Deno.test("cellReader() goes by the text that an import stages", () => {
  fc.assert(fc.property(fc.double({ noNaN: true }), (real) => {
    const buffer = new CopyBuffer();
    cellEncoder("text", true)!(buffer, real);
    assertEquals(new TextDecoder().decode(buffer.take().subarray(4)), realText(real));
  }));
  const damaged = { damage: "a text with a NUL character", bytes: new Uint8Array([0]) };
  assertEquals([null, 5n, 5.5, "5", damaged].map(cellReader({ as: "real" })), [
    null,
    "4014000000000000",
    "4016000000000000",
    "4014000000000000",
    undefined,
  ]);
  assertEquals([null, 5n, "5", damaged, new Uint8Array([5])].map(cellReader({ as: "bytes" })), [
    null,
    undefined,
    undefined,
    undefined,
    "05",
  ]);
});

Deno.test("canonicalSql() is the same for equal values of every type that a reading is compared with", async () => {
  await using test = await setup();
  const { sql } = test;
  const canonical = async (type: string, text: string) => {
    const expression = canonicalSql(type, "x")!;
    const [row] = await sql`select ${sql.unsafe(expression)} as text from (select ${text}::text::${
      sql.unsafe(type)
    } as x)`;
    return row!.text;
  };

  for (const type of ["smallint", "integer", "bigint", "numeric", "numeric(10,2)"]) {
    assertEquals(await canonical(type, "-7"), textReader({ as: "integer" })("-7"));
    assert(comparable({ as: "integer" }, type), type);
  }
  assertEquals(await canonical("numeric(10,4)", "1.50"), "1.5");
  assertEquals(await canonical("character varying(10)", "a "), "a ");
  assertEquals(await canonical("bytea", "\\x01ff"), "01ff");
  assertEquals(await canonical("real", "0.5"), await canonical("double precision", "0.5"));
  assertEquals(await canonical("timestamp(3) without time zone", "1970-01-02"), "86400.000000");
  assertEquals(await canonical("timestamp with time zone", "infinity"), "Infinity");
  assertEquals(canonicalSql("text[]", "x"), undefined);
  assertEquals(canonicalSql("interval", "x"), undefined);
});

Deno.test("jsonbText() refuses in time what would fill the memory", () => {
  assertEquals(jsonbText(`[${Array(20_000).fill("1e131071").join()}]`), undefined);
  assertEquals(jsonbText("[".repeat(100_000) + "]".repeat(100_000)), undefined);
  assertEquals(jsonbText(`"${"a".repeat(2 ** 25)}"`), undefined);
});

async function setup() {
  const database = await createDatabase();
  const { sql } = database;
  // nothing may depend on the session: neither its zone nor the order of its dates
  await sql`
    create function outcomes(statement text, texts text[]) returns table (converted boolean, outcome text)
    language plpgsql set timezone = 'America/New_York' set datestyle = 'ISO, DMY'
    as $$
    declare staged text;
    begin
      foreach staged in array texts loop
        begin
          execute statement into outcome using staged;
          converted := true;
        exception when others then
          converted := false;
        end;
        return next;
      end loop;
    end $$`;
  return {
    sql,
    /** What each text becomes in a column of the type: nothing when it is refused. */
    async outcomes(reading: Reading, type: string, texts: readonly string[]) {
      const canonical = canonicalSql(type, `(${readingSql(reading, "staged.x")})`);
      const statement = `select ${canonical} from (select $1) as staged (x)`;
      const rows = await sql`select * from outcomes(${statement}, ${texts as string[]})`;
      return rows.map(({ converted, outcome }) => converted ? outcome : undefined);
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}
