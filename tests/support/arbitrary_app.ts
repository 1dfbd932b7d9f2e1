import fc from "fast-check";

/** A kind of field, and the column that it must become. */
const FIELDS = {
  title: { type: "text", value: (n: number) => `Title ${n} — „ß“ 🎁` },
  price: { type: "numeric", value: (n: number) => n + 0.25 },
  stock: { type: "integer", value: (n: number) => n * 7 },
  active: { type: "boolean", value: (n: number) => n % 3 === 0 },
  dueDate: { type: "date", value: (n: number) => `2024-02-${String(1 + n % 28).padStart(2, "0")}` },
  createdAt: {
    type: "timestamptz",
    value: (n: number) => `2024-05-01T10:00:00.${String(n % 1000).padStart(3, "0")}Z`,
  },
  updated_at: { type: "timestamptz", value: (n: number) => 1_700_000_000_000 + n * 1_001 },
  token_hash: { type: undefined, value: (n: number) => `secret ${n}` },
  address: { type: "jsonb", value: (n: number) => ({ city: `City ${n}`, lines: [n, "x"] }) },
  traceId: { type: "uuid", value: (n: number) => uuid(9, n) },
  tags: { type: "jsonb", value: (n: number) => n % 2 === 0 ? ["a", "b"] : [] },
} as const;

type Field = keyof typeof FIELDS;
type Ids = "uuid" | "number" | "made";

/** A kind of record that an app keeps. */
export interface ArbitraryEntity {
  readonly word: string;
  readonly table: string;
  readonly ids: Ids;
  readonly fields: readonly Field[];
  /** The place of the entity that its records name. */
  readonly parent: number | undefined;
  /** Whether its parent's id stands in its keys. */
  readonly isNested: boolean;
  /** Whether there is a list of all ids, and a look-up by e-mail address. */
  readonly isListed: boolean;
  readonly isLookedUp: boolean;
  /** Whether its documents hold an array of records. */
  readonly hasLines: boolean;
  readonly records: number;
}

/** A schema, and the store that an app of that schema would have. */
export interface ArbitraryApp {
  readonly entities: readonly ArbitraryEntity[];
  readonly store: Readonly<Record<string, unknown>>;
}

const WORDS = [
  ["invoice", "invoices"],
  ["category", "categories"],
  ["blog-post", "blog_posts"],
  ["box", "boxes"],
  ["person", "people"],
  ["stock_entry", "stock_entries"],
] as const;

/** Apps of two to four kinds of records, which may refer to those before them. */
export function arbitraryApp(): fc.Arbitrary<ArbitraryApp> {
  return fc.record({
    words: fc.shuffledSubarray([...WORDS], { minLength: 2, maxLength: 4 }),
    shapes: fc.array(
      fc.record({
        ids: fc.constantFrom<Ids>("uuid", "number", "made"),
        fields: fc.shuffledSubarray(Object.keys(FIELDS) as Field[], { minLength: 1, maxLength: 7 }),
        refers: fc.boolean(),
        isNested: fc.boolean(),
        isListed: fc.boolean(),
        isLookedUp: fc.boolean(),
        hasLines: fc.boolean(),
        records: fc.integer({ min: 6, max: 15 }),
      }),
      { minLength: 4, maxLength: 4 },
    ),
  }).map(({ words, shapes }) => {
    const entities = words.map(([word, table], place): ArbitraryEntity => {
      const { refers, isNested, ...shape } = shapes[place]!;
      const parent = place > 0 && refers ? place - 1 : undefined;
      return { word, table, ...shape, parent, isNested: isNested && parent !== undefined };
    });
    return { entities, store: storeOf(entities) };
  });
}

/** The columns that a table must have, by their names; those of secrets have none. */
export function columnsOf(entities: readonly ArbitraryEntity[], place: number) {
  const { fields, ids, parent, isLookedUp } = entities[place]!;
  const idType = { uuid: "uuid", number: "bigint", made: "text" };
  return {
    id: idType[ids],
    ...Object.fromEntries(
      fields.flatMap((field) => {
        const { type } = FIELDS[field];
        return type === undefined ? [] : [[snake(field), type]];
      }),
    ),
    ...isLookedUp ? { email: "text" } : {},
    ...parent === undefined
      ? {}
      : { [`${snake(entities[parent]!.word)}_id`]: idType[entities[parent]!.ids] },
  };
}

function storeOf(entities: readonly ArbitraryEntity[]): Record<string, unknown> {
  const store: Record<string, unknown> = {};
  entities.forEach((entity, place) => {
    const { word, fields, records, parent, isNested, isListed, isLookedUp, hasLines } = entity;
    const above = parent === undefined ? undefined : entities[parent]!;
    for (let n = 1; n <= records; n++) {
      const id = idOf(entity, place, n);
      const email = `${word}${n}@example.com`;
      const parentId = above && idOf(above, parent!, 1 + n % above.records);
      store[`${word}:${isNested ? `${parentId}:` : ""}${id}`] = {
        id,
        ...Object.fromEntries(fields.map((field) => [field, FIELDS[field].value(n)])),
        ...isLookedUp ? { email } : {},
        ...above === undefined ? {} : { [`${camel(above.word)}Id`]: parentId },
        ...hasLines
          ? {
            lines: Array.from({ length: n % 3 }, (_, line) => ({ id: `l${line}`, amount: line })),
          }
          : {},
      };
      if (isLookedUp) store[`${word}:email:${email}`] = id;
    }
    if (isListed) {
      store[`${word}:all`] = Array.from({ length: records }, (_, n) => idOf(entity, place, n + 1));
    }
  });
  store["initialized"] = true;
  store["app_config"] = { theme: "dark", limits: [1, 2] };
  return store;
}

function idOf({ ids }: ArbitraryEntity, place: number, n: number): string {
  switch (ids) {
    case "uuid":
      return uuid(place, n);
    case "number":
      return String(1000 * (place + 1) + n);
    case "made":
      return `${place}x_${1_700_000_000_000 + n}_r${n}`;
  }
}

function uuid(place: number, n: number): string {
  return `0000000${place}-0000-4000-8000-${String(n).padStart(12, "0")}`;
}

function snake(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, "$1_$2").replaceAll("-", "_").toLowerCase();
}

function camel(name: string): string {
  return name.replace(/[-_]([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
