import fc from "fast-check";
import type { Reading } from "../../scripts/verify/reading/reading.ts";
import { realText } from "../../scripts/import/sqlite/real_text.ts";

/** The type of a target, and what a reading is tried on. */
export interface Trial {
  readonly type: string;
  readonly texts: readonly string[];
  /** What Postgres converts and the comparison does not. */
  readonly exceptions?: readonly string[];
  readonly random: fc.Arbitrary<string>;
}

/** The texts between the bars. */
const list = ([texts]: TemplateStringsArray) => texts!.trim().split(/\s*\|\s*/);

const BLANK = fc.constantFrom("", "", "", " ", "\t", "\n", "\v\f\r ", "\u00a0");
const EXPONENT = fc.constantFrom("", "", "e5", "E-7", "e+20", "e308", "e-320", "e-400", "e400");
const DIGITS = fc.stringMatching(/^\d{0,25}$/);
const NUMBER = fc.tuple(BLANK, fc.constantFrom("", "-", "+"), DIGITS, EXPONENT, BLANK).map((
  parts,
) => parts.join(""));
const DECIMAL = fc.tuple(BLANK, fc.constantFrom("", "-", "+"), DIGITS, DIGITS, EXPONENT, BLANK).map(
  ([before, sign, whole, decimals, exponent, after]) =>
    `${before}${sign}${whole}.${decimals}${exponent}${after}`,
);
const REAL = fc.double({ noNaN: true }).map(realText);
const ANY = fc.string({ unit: "binary" }).filter((text) => text.isWellFormed() && !/\0/.test(text));

const two = (most: number) =>
  fc.integer({ min: 0, max: most }).map((n) => String(n).padStart(2, "0"));
const DATE = fc.tuple(
  fc.constantFrom(...list`0000|0001|0099|1582|1900|1969|1970|2000|2023|2024|9999`),
  two(13),
  fc.oneof(two(32), two(32), fc.constantFrom("28", "29", "30", "31")),
).map((parts) => parts.join("-"));
const ZONE = fc.tuple(
  fc.constantFrom("", " "),
  fc.oneof(
    fc.constantFrom(...list`Z|+00|-0000|-00:00|+15:59|-1559|+16|-05|+0530|+12:60`),
    fc.tuple(fc.constantFrom("+", "-"), two(17), fc.constantFrom("", ":"), two(60)).map((parts) =>
      parts.join("")
    ),
  ),
).map((parts) => parts.join(""));
const CLOCK = fc.tuple(
  fc.constantFrom(" ", "T"),
  fc.oneof(two(25), fc.constantFrom("23", "24")),
  fc.oneof(two(60), fc.constantFrom("00", "59")),
  fc.option(fc.oneof(two(61), fc.constantFrom("00", "60")), { nil: undefined }),
  fc.stringMatching(/^(?:|\d{1,12}|9{5,9}|\d{6}5|0{1,30})$/),
  fc.option(ZONE, { nil: "" }),
).map(([gap, hour, minute, second, fraction, zone]) =>
  `${gap}${hour}:${minute}${
    second === undefined ? "" : `:${second}${fraction && `.${fraction}`}`
  }${zone}`
);
const ISO = fc.tuple(BLANK, DATE, fc.option(CLOCK, { nil: "" }), BLANK).map((parts) =>
  parts.join("")
);
const EDGES = [1e8, 4.2e9, 8.6e9, 1e11, 7.2e13, 1e14, 1e17, 2305447.5, 2440587.5, 2634167.5];
const SIZED = fc.oneof(
  fc.tuple(fc.constantFrom(...EDGES), fc.integer({ min: -999, max: 999 })).map(([edge, more]) =>
    String(BigInt(Math.floor(edge)) + BigInt(more))
  ),
  fc.stringMatching(/^[1-9]\d{7,17}$/),
  fc.double({ min: 2305447, max: 2634168, noNaN: true }).map(realText),
);
const TICKS = fc.tuple(
  BLANK,
  SIZED,
  fc.stringMatching(/^(?:|\.\d{0,9}|\.\d{6}5|\.9{5,12}|\.\d{3}5)$/),
  BLANK,
)
  .map(([before, number, fraction, after]) =>
    before + number + (number.includes(".") ? "" : fraction) + after
  );

const KEY = fc.constantFrom(
  "a",
  "b",
  "aa",
  "Z",
  "10",
  "9",
  "",
  "__proto__",
  "é",
  "\uffff",
  "😀",
  "\\u0061",
  "\\n",
);
const STRING = fc.oneof(
  KEY,
  fc.string({ unit: "grapheme" }).map((text) => JSON.stringify(text).slice(1, -1)),
  fc.array(
    fc.constantFrom(
      '\\"',
      "\\\\",
      "\\/",
      "\\u00e9",
      "\\ud83d\\ude00",
      "\\u001F",
      "\x7f",
      "\u2028",
      "x",
    ),
  ).map(
    (parts) => parts.join(""),
  ),
  fc.constantFrom("\\u0000", "\\\\u0000", "\\ud83d", "\\ude00\\ud83d", "\\ud83dx", "\\x", "\t"),
).map((text) => `"${text}"`);
const JSON_NUMBER = fc.stringMatching(
  /^-?(?:0|[1-9]\d{0,20})(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?$/,
);
const { json: JSON_TEXT } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.tuple(
    fc.constantFrom("", "", "", " ", "\n\t\r "),
    fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom("null", "true", "false", "0", "[]", "{}", "{ }"),
      JSON_NUMBER,
      STRING,
      fc.array(tie("json"), { maxLength: 4 }).map((items) => `[${items.join(",")}]`),
      fc.array(fc.tuple(fc.oneof(KEY.map((key) => `"${key}"`), STRING), tie("json")), {
        maxLength: 6,
      })
        .map((members) => `{${members.map(([key, value]) => `${key} :${value}`).join(",")}}`),
    ),
    fc.constantFrom("", "", "", " ", "\v", ","),
  ).map((parts) => parts.join("")),
}));

const FLAGS = list`t|TRUE|tr|f|False|fals|y|yes|YE|n|no|on|of|off|o|1|0`;
const FLAG = fc.tuple(BLANK, fc.constantFrom(...FLAGS, "", "01", "2", "1.0", "yep", "truee"), BLANK)
  .map(
    (parts) => parts.join(""),
  );
const UUID = fc.tuple(
  fc.constantFrom("", "{"),
  fc.array(fc.tuple(fc.stringMatching(/^[0-9a-fA-F]{4}$/), fc.constantFrom("", "-")), {
    minLength: 8,
    maxLength: 8,
  }),
  fc.constantFrom("", "}"),
).map(([open, groups, close]) => open + groups.flat().join("") + close);

const WORDS = [
  "",
  " ",
  "now",
  "today",
  "epoch",
  "infinity",
  "-infinity",
  "allballs",
  "abc",
  "null",
  "None",
];
const TIMES = [
  ...WORDS,
  ...list`
    1714557600 | 1714557600.0 | 1714557600.25 | 1714557600000 | 1714557600123456 | -1 | 0
    | 1e9 | 99999999 | 100000000 | 99999999999.999999 | 1714557600.0000005 | 9999999999.9999995
    | NaN | 2460432.0833333335 | 2305447.5 | 2634167.4999999 | 2440587.5 | 2460432e0
    | 2024-05-01 | 2024-05-01 10:00:00 | 2024-05-01T10:00:00.123Z | 2024-05-01 10:00 -0500
    | 2024-05 | 05/06/2024 | 20240501 | 1 May 2024 | 2024-05-01 10:00 PM | 2024-05-01 BC
    | 1999-05-01 10:00 PST | 0001-01-01T00:00+15:59 | 9999-12-31 23:59:60
    | 9999-12-31 24:00-15:59 | 1969-12-31 23:59:59.9999996 | 2024-05-01 10 | 2024-05-01 10:00z
    | 2024-05-01T | 1e9 ago | 1714557600 ago | J2451187 | 2024-5-1
  `,
  `2024-05-01 10:00:00.${"9".repeat(100)}`,
];
const ISO_EXCEPTIONS = [
  ...list`
    2024-05-01 1000 | 2024-05-01 10:00 PM+00 | 2024-05-01 10:00 EST+5 | 2024-05-01 BC+00
    | 2024-05-01 +00 | 1999-12-31 9:05
  `,
];
const time = (random: fc.Arbitrary<string>, exceptions: readonly string[] = []): Trial => ({
  type: "timestamp with time zone",
  texts: TIMES,
  random,
  exceptions,
});

/** Every reading with telling values, and others by chance. */
export const TRIALS: readonly (readonly [Reading, Trial])[] = [
  [{ as: "text" }, { type: "text", texts: WORDS, random: ANY }],
  [{ as: "integer" }, {
    type: "bigint",
    texts: list`
      9223372036854775807 | 9223372036854775808 | -9223372036854775808 | -9223372036854775809
      | 1.0
    `,
    exceptions: ["0x1F", "1_000"],
    random: fc.oneof(fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String), NUMBER),
  }],
  [{ as: "real" }, {
    type: "double precision",
    texts: list`Infinity|-Infinity|-0.0|5e-324|2e-324|1e-400|0e-400|1.7976931348623159e308`,
    exceptions: ["inf", "NaN", "+Infinity", "0x1p3"],
    random: fc.oneof(REAL, NUMBER, DECIMAL),
  }],
  [{ as: "numeric" }, {
    type: "numeric",
    texts: list`-0|1e131071|1e131072|1e-16383|1e-16384|0e-16384|0e1000000|.|1e|1e1000000`,
    exceptions: ["NaN", "Infinity", "-Infinity", "0x1F", "1_000.5"],
    random: fc.oneof(REAL, NUMBER, DECIMAL),
  }],
  [{ as: "numeric", scale: 2 }, {
    type: "numeric",
    texts: ["1.50", "1.500", "1.505", "1e-2", "1e-3", "150e-3", "NaN", "abc"],
    random: fc.oneof(fc.stringMatching(/^-?\d{1,3}\.\d{0,4}$/), DECIMAL),
  }],
  [{ as: "boolean" }, { type: "boolean", texts: [...WORDS, ...FLAGS], random: FLAG }],
  [{ as: "uuid" }, {
    type: "uuid",
    texts: [
      " a0eebc999c0b4ef8bb6d6bb9bd380a11",
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      "{a0eebc999c0b4ef8bb6d6bb9bd380a11",
    ],
    random: UUID,
  }],
  [{ as: "json" }, {
    type: "jsonb",
    texts: [
      ...[
        "",
        "-0",
        "-0.0",
        "1.50",
        "1e2",
        "1.5e-3",
        "1e400",
        "1e1000000",
        "[1,]",
        "01",
        '{"a":"\\u0000","a":1}',
        "\ufeff1",
        "\u00a01",
        "NaN",
        "'a'",
        '{"b":1,"a":{"a":1e500,"a":2}}',
        `${"[".repeat(999)}${"]".repeat(999)}`,
      ],
    ],
    exceptions: [`${"[".repeat(1001)}${"]".repeat(1001)}`],
    random: JSON_TEXT,
  }],
  [{ as: "date" }, {
    type: "date",
    texts: [
      ...WORDS,
      "2024-02-29",
      "2023-02-29",
      "05/06/2024",
      "June-01-99",
      " 2024-05-01",
      "2024-05-01 10:00",
    ],
    random: DATE,
  }],
  [{ as: "time", units: ["seconds"] }, time(TICKS, ["+1714557600", "001714557600"])],
  [{ as: "time", units: ["milliseconds"] }, time(TICKS)],
  [{ as: "time", units: ["microseconds"] }, time(TICKS)],
  [{ as: "time", units: ["julian"] }, time(TICKS)],
  [{ as: "time", units: ["iso"] }, time(ISO, ISO_EXCEPTIONS)],
  [{ as: "time", units: ["iso", "milliseconds"] }, time(fc.oneof(TICKS, ISO), ISO_EXCEPTIONS)],
  [
    {
      as: "time",
      units: ["julian", "seconds", "milliseconds", "microseconds", "iso"],
      nulls: ["", "0"],
    },
    time(fc.oneof(TICKS, ISO), ISO_EXCEPTIONS),
  ],
];
