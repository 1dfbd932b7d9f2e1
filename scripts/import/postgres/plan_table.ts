import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import { quoted } from "../staging/quoted.ts";
import type { StagingColumn, StagingTable } from "../staging/staging_tables.ts";
import { counterpart } from "./counterpart.ts";
import type { ColumnType, Relation, RelationColumn } from "./list_relations.ts";
import type { PostgresOptions } from "./read_flags.ts";
import { newType, transfer } from "./transfer.ts";

/** A column that is filled. */
export interface ColumnPlan {
  readonly source: RelationColumn;
  /** Its name in the staging table. */
  readonly name: string;
  /** The staging column's type, as SQL writes it; and without length or precision. */
  readonly type: string;
  readonly bare: string;
  /** What reads it at the source. */
  readonly expression: string;
  /** Whether a value may not be of the type. */
  readonly mayFail: boolean;
  /** Whether times without a zone are taken for ones in UTC. */
  readonly asUtc: boolean;
}

/** Where a table of the source goes. */
export interface TablePlan {
  readonly relation: Relation;
  /** The name of the table in schema staging. */
  readonly staging: string;
  readonly columns: readonly ColumnPlan[];
  /** Whether the import makes the table; a pipeline's own table is never altered. */
  readonly makes: boolean;
  /** The table that is there. */
  readonly existing: StagingTable | undefined;
  /** Columns of the source that the staging table lacks. */
  readonly notImported: readonly string[];
  /** Columns of the staging table that the source lacks. */
  readonly notFilled: readonly string[];
}

/** What Postgres keeps of a name. */
const NAME_BYTES = 63;

/**
 * Decides how a table is imported: which columns go where and how they are cast.
 *
 * A table that an import made is made anew, unless views read it, or rows of other companies are to
 * stay in it.
 *
 * @param existing The staging table with its types, if it is there.
 * @throws LF011 when the two do not fit.
 */
export function planTable(
  { pipeline, companies }: PostgresOptions,
  relation: Relation,
  existing: (StagingTable & { readonly target: Relation }) | undefined,
): TablePlan {
  const staging = existing?.name ?? `${pipeline}_${relation.name}`;
  const cannot = (why: string, details: string | null, hint: string) =>
    new LandfallError("LF011", `Cannot import table ${relation.name}: ${why}`, { details, hint });

  const stays = companies.length > 0 || (existing?.views.length ?? 0) > 0;
  if (!existing || (existing.made && !stays)) {
    if (new TextEncoder().encode(staging).length > NAME_BYTES) {
      throw cannot(
        `${staging} is longer than the ${NAME_BYTES} bytes that Postgres keeps of a name`,
        null,
        `Make staging.${pipeline}_… in a migration, or leave the table out with --tables.`,
      );
    }
    const columns = relation.columns.map((column) => {
      const label = newType(column.type);
      const cast = label === column.type.label ? undefined : label;
      return planColumn(relation, column, column.name, { label, bare: label }, { cast });
    });
    return {
      relation,
      staging,
      columns,
      makes: true,
      existing,
      notImported: [],
      notFilled: [],
    };
  }

  const matches = existing.columns.map((column) => ({
    column,
    source: counterpart(column.file ?? column.name, relation.columns),
  }));
  const taken = matches.flatMap(({ source }) => source ?? []);
  const twice = taken.find((column, place) => taken.indexOf(column) !== place);
  if (twice) {
    throw cannot(
      `its column ${twice.name} could go to several columns of staging.${staging}`,
      null,
      "Their names differ by case only: rename one.",
    );
  }
  const lacking = matches.filter(({ source }) => !source).map(({ column }) => column);
  const required = lacking.filter(({ notNull, hasDefault }) => notNull && !hasDefault);
  if (required.length > 0 || taken.length === 0) {
    throw cannot(
      `it lacks columns that staging.${staging} requires`,
      `Missing: ${names(required.length > 0 ? required : lacking)}. The source has ` +
        `${names(relation.columns)}.`,
      "Import the right table, or change the staging table in its migration.",
    );
  }
  const notImported = relation.columns.filter((column) => !taken.includes(column));
  if (existing.made && notImported.length + lacking.length > 0) {
    throw cannot(
      `its columns have changed, and staging.${staging} is to keep its shape`,
      existing.views.length > 0
        ? `Views read it: ${existing.views.join(", ")}.`
        : "Rows of other companies are to stay in it.",
      "Drop the views, or import all companies, and it is made anew.",
    );
  }
  const typeOf = (name: string) =>
    existing.target.columns.find((column) => column.name === name)!.type;
  return {
    relation,
    staging,
    columns: matches.flatMap(({ column, source }) => {
      return source ? castColumn(relation, source, column, typeOf(column.name), cannot) : [];
    }),
    makes: false,
    existing,
    notImported: notImported.map(({ name }) => name),
    notFilled: lacking.map(({ name }) => name),
  };
}

function castColumn(
  relation: Relation,
  source: RelationColumn,
  column: StagingColumn,
  type: ColumnType,
  cannot: (why: string, details: string, hint: string) => LandfallError,
): ColumnPlan {
  const how = transfer(source.type, type);
  switch (how.kind) {
    case "same":
      return planColumn(relation, source, column.name, type);
    case "cast":
      return planColumn(relation, source, column.name, type, {
        cast: how.type,
        mayFail: how.mayFail,
      });
    case "utc":
      return planColumn(relation, source, column.name, type, { asUtc: true });
    case "none":
      throw cannot(
        `its column ${source.name} is ${source.type.label}, and the staging column ` +
          `${column.name} is ${column.type}`,
        "Values would be changed on the way, or have no form there.",
        `Make the staging column ${
          [...new Set([newType(source.type), "text"])].join(" or ")
        } in its migration, and cast in the transform.`,
      );
  }
}

function planColumn(
  relation: Relation,
  source: RelationColumn,
  name: string,
  { label: type, bare }: Pick<ColumnType, "label" | "bare">,
  { cast, mayFail = false, asUtc = false }: {
    cast?: string | undefined;
    mayFail?: boolean | undefined;
    asUtc?: boolean;
  } = {},
): ColumnPlan {
  // qualified, so that nothing else can have the name
  const cell = `${quoted(relation.name)}.${quoted(source.name)}`;
  const expression = asUtc
    ? `${cell}::timestamp at time zone 'UTC'`
    : cast === undefined
    ? cell
    : `${cell}::${cast}`;
  return { source, name, type, bare, expression, mayFail, asUtc };
}

function names(things: readonly { readonly name: string }[]): string {
  return things.map(({ name }) => name).join(", ");
}
