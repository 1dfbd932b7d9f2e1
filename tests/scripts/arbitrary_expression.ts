import fc from "fast-check";

const PATTERNS = ["'a%'", "'%B'", "'_'", "'A_'", "'%\\%'", "'É%'", "''", "'a\\%b'", "'%'"];
const GLOBS = [
  "'a*'",
  "'*[^0-9]*'",
  "'[A-Z]*'",
  "'?'",
  "'[^a-z]?'",
  "'*b'",
  "'[]x]*'",
  "'[a-]*'",
  "'*'",
  "''",
  "'\\*'",
  "'[[]a]'",
  "'a.b'",
  "'x]y-z'",
  "'*'||'a'",
  "'[É-é]*'",
];
const of = (...values: string[]) => fc.constantFrom(...values);
const text = (strings: TemplateStringsArray, ...parts: fc.Arbitrary<string>[]) =>
  fc.tuple(...parts).map((values) => String.raw({ raw: strings.raw }, ...values));

/** Random expressions over the columns of the grid: conditions, texts and numbers. */
export const { condition: arbitraryCondition, text: arbitraryText, number: arbitraryNumber } = fc
  .letrec<Record<"condition" | "text" | "number" | "operand", string>>((tie) => {
    const [c, s, n, o] = [tie("condition"), tie("text"), tie("number"), tie("operand")];
    const compares = of("=", "==", "<>", "!=", "<", "<=", ">", ">=", "is", "is not");
    const maybe = of("", "not ");
    const collate = of("", "", "", " collate nocase", " collate rtrim", " collate binary");
    return {
      condition: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        of("b", "c", "b = 1", "b = 0", "not c", "true", "i", "b in (0, 1)", "(b = 0 or b = 1)"),
        of("c between 0 and 1", "(c is null or c in (1, 0))", "(c >= 0)", "b is 1", "0 <> c"),
        text`(${n} ${compares} ${n})`,
        text`(${s}${collate} ${compares} ${s})`,
        text`(${c} ${of("and", "or", "=", "is", "<>")} ${c})`,
        text`(not ${c})`,
        text`(${o} ${of("is null", "is not null", "isnull", "notnull")})`,
        text`(${n} ${maybe}between ${n} and ${n})`,
        text`(${s} ${maybe}between ${s} and ${s})`,
        text`(${n} ${maybe}in (${n}, ${n}, ${of("1", "null", "0.5", "i")}))`,
        text`(${s}${collate} ${maybe}in (${s}, ${of("'a'", "'Ab '", "'É'", "null", "n")}))`,
        text`(${s} ${maybe}like ${of(...PATTERNS)})`,
        text`(${s} ${maybe}like ${of("'a\\%b'", "'A!_\\%'", "'!!%'")} escape ${of("'\\'", "'!'")})`,
        text`(${s} ${maybe}glob ${of(...GLOBS)})`,
        text`${c} is ${maybe}${of("true", "false")}`.map((sql) => `(${sql})`),
        text`(typeof(${of("t", "i", "x", "y", "m", "b")}) ${of("=", "<>", "is")} ${
          of("'text'", "'integer'", "'real'", "'blob'")
        })`,
        text`(typeof(${of("i", "y", "t")}) in (${of("'integer', 'real'", "'integer', 'null'")}))`,
        n,
      ),
      number: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        of("i", "j", "x", "y", "m", "b", "c"),
        of("0", "1", "-1", "0x10", "2.5", "-0.1", "3000000000", "1e3", ".5", "null", "true"),
        text`(${n} ${of("+", "-", "*", "/", "%", "&", "|")} ${n})`,
        text`(- ${n})`,
        text`(~ ${n})`,
        text`abs(${n})`,
        text`length(${o})`,
        text`instr(${s}, ${s})`,
        text`coalesce(${n}, ${n})`,
        text`nullif(${n}, ${n})`,
        text`iif(${c}, ${n}, ${n})`,
        text`(case ${n} when ${n} then ${n} when ${n} then ${n} end)`,
        text`(case ${s} when ${s} then ${n} else ${n} end)`,
        text`cast(${n} as ${of("integer", "real", "numeric")})`,
        c,
      ),
      text: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        of("t", "u", "n", "r", "d", `"t"`, "[u]", "`n`"),
        of("''", "'a'", "'AB'", "'É'", `"active"`, "'2024'", "'it''s'", "' '"),
        text`(${o} || ${o})`,
        text`${of("lower", "upper", "trim", "ltrim", "rtrim")}(${o})`,
        text`${of("trim", "ltrim", "rtrim")}(${s}, ${of("'a'", "' a'", "''", "'[a]'", "u")})`,
        text`substr(${s}, ${of("1", "2", "3", "0", "-1")})`,
        text`substr(${s}, ${of("1", "2")}, ${of("0", "1", "2", "-1")})`,
        text`replace(${s}, ${s}, ${s})`,
        text`coalesce(${s}, ${s})`,
        text`ifnull(${s}, ${s})`,
        text`nullif(${s}, ${s})`,
        text`iif(${c}, ${s}, ${s})`,
        text`(case when ${c} then ${s} when ${c} then ${s} else ${s} end)`,
        text`cast(${n} as text)`,
        text`(+${s})`,
      ),
      operand: fc.oneof(n, s, s),
    };
  });
