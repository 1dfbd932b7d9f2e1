import type postgres from "postgres";

/** A rule, as landfall.define_rule takes it. */
export interface RuleOptions {
  readonly name: string;
  readonly action: "reject" | "defer" | "finding";
  readonly reason: string;
  readonly condition?: string;
  readonly query?: string;
}

/** One target table, the legacy rows for it, and what a legacy row becomes. */
export interface EntityOptions {
  /** The entity's name, and its table's in public. */
  readonly name?: string;
  /** The target's columns and constraints, as `create table` takes them. */
  readonly columns?: string;
  /** SQL that runs before the table is made: types, schemas. */
  readonly before?: string;
  /** SQL that runs when the table is there: triggers, indexes, comments. */
  readonly also?: string;
  /**
   * Expressions over the legacy row (`row`, jsonb) by column, beside those made by name; null
   * leaves the column out of the transform.
   */
  readonly give?: Readonly<Record<string, string | null>>;
  /** What follows `from <staging table>` in the transform. */
  readonly where?: string;
  /** The legacy rows. Their source keys are r0001, r0002, … */
  readonly rows?: readonly unknown[];
  /** Legacy rows made in SQL: how many, and the row as jsonb, where `n` is its number. */
  readonly many?: { readonly count: number; readonly row: string };
  readonly rules?: readonly RuleOptions[];
  readonly secretFields?: readonly string[];
  /** Columns whose sums a verification compares. */
  readonly sums?: readonly string[];
  readonly selfContained?: boolean;
}

/** A pipeline's name and its entities, parents first. */
export interface PipelineOptions {
  readonly name?: string;
  readonly entities?: readonly EntityOptions[];
}

/**
 * Makes a pipeline: for each entity a target table in public, a landing table in staging, a view in
 * transform that takes each target column from the legacy field of its name, and the definitions.
 *
 * @returns The pipeline's name.
 *
 * @example
 * ```ts ignore
 * await aPipeline(sql, {
 *   entities: [{ columns: "id int primary key, name text not null", rows: [{ id: 1, name: "a" }] }],
 * });
 * ```
 */
export async function aPipeline(sql: postgres.Sql, options: PipelineOptions = {}): Promise<string> {
  const { name = "shop", entities = [{}] } = options;
  await sql`select landfall.define_pipeline(${name}, 'A pipeline of a test')`;
  for (const entity of entities) await anEntity(sql, name, entity);
  return name;
}

/** Adds an entity to a pipeline: see {@linkcode aPipeline}. */
export async function anEntity(
  sql: postgres.Sql,
  pipeline: string,
  entity: EntityOptions,
): Promise<void> {
  const { name = "items", columns = "id int primary key, name text not null", before, also } =
    entity;
  const staging = stagingTable(pipeline, name);
  await sql.unsafe(`
    ${before ?? ""};
    create table public.${quoted(name)} (${columns});
    create table ${staging} (key text primary key, row jsonb not null);
    ${also ?? ""}
  `);
  await aTransform(sql, pipeline, entity);
  if (entity.rows) await stage(sql, staging, entity.rows);
  if (entity.many) await stageMany(sql, staging, entity.many.count, entity.many.row);
  await sql`
    select landfall.define_entity(
      pipeline => ${pipeline}, name => ${name}, target => ${`public.${quoted(name)}`},
      secret_fields => ${sql.array([...entity.secretFields ?? []], 1009)}::text[],
      sums => ${sql.array([...entity.sums ?? []], 1009)}::text[],
      self_contained => ${entity.selfContained ?? false}
    )`;
  for (const rule of entity.rules ?? []) await aRule(sql, pipeline, name, rule);
}

/** Makes an entity's transform, or makes it again when the table or the view is to change. */
export async function aTransform(
  sql: postgres.Sql,
  pipeline: string,
  { name = "items", give = {}, where = "" }: EntityOptions,
): Promise<void> {
  const columns = await sql<{ name: string; expression: string }[]>`
    select
      attname as name,
      case typname
        when 'jsonb' then format('nullif(row -> %L, ''null'')', attname)
        when 'varchar' then format('row ->> %L', attname)
        when 'bpchar' then format('row ->> %L', attname)
        else format('(row ->> %L)::%s', attname, format_type(atttypid, atttypmod))
      end as expression
    from pg_attribute
    join pg_type on pg_type.oid = atttypid
    where attrelid = ${`public.${quoted(name)}`}::regclass
      and attnum > 0 and attgenerated = '' and not attisdropped
    order by attnum`;
  const list: Record<string, string | null> = {
    ...Object.fromEntries(columns.map((column) => [column.name, column.expression])),
    ...give,
  };
  await sql.unsafe(`
    drop view if exists transform.${pipeline}_${name};
    create view transform.${pipeline}_${name} with (security_invoker = true) as
    select
      ${
    Object.entries({ source_key: "key", source_row: "row", ...list })
      .filter(([, expression]) => expression !== null)
      .map(([column, expression]) => `${expression} as ${quoted(column)}`)
      .join(",\n      ")
  }
    from ${stagingTable(pipeline, name)}
    ${where};
    select landfall.close_doors()`);
}

/** Defines a rule of an entity, or changes it. */
export async function aRule(
  sql: postgres.Sql,
  pipeline: string,
  entity: string,
  { name, action, reason, condition = null!, query = null! }: RuleOptions,
): Promise<void> {
  await sql`
    select landfall.define_rule(
      ${pipeline}, ${entity}, ${name}, ${action}, ${reason}, ${condition}, ${query}
    )`;
}

/** Puts legacy rows into a landing table under the keys r0001, r0002, …, over what is there. */
export async function stage(
  sql: postgres.Sql,
  table: string,
  rows: readonly unknown[],
): Promise<void> {
  await sql.unsafe(
    `insert into ${table} (key, row)
     select 'r' || lpad(nth::text, 4, '0'), row
     from jsonb_array_elements($1::jsonb) with ordinality as rows (row, nth)
     on conflict (key) do update set row = excluded.row`,
    [rows as unknown as string],
  );
}

/** Puts many legacy rows into a landing table; `row` is jsonb made of `n`, from 1 to count. */
export async function stageMany(
  sql: postgres.Sql,
  table: string,
  count: number,
  row: string,
): Promise<void> {
  await sql.unsafe(`
    insert into ${table} (key, row)
    select 'r' || lpad(n::text, 7, '0'), ${row}
    from generate_series(1, ${count}) as n`);
  await sql.unsafe(`analyze ${table}`);
}

/** A pipeline's landing table for an entity, quoted. */
export function stagingTable(pipeline: string, entity: string): string {
  return `staging.${quoted(`${pipeline}_${entity}`)}`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
