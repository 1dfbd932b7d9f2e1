import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import type { SourceTable } from "./list_tables.ts";
import type { TargetColumn } from "./row_encoder.ts";
import type { StagingTable } from "../staging/staging_tables.ts";

/** Where a table of the file goes. */
export interface TablePlan {
  readonly source: SourceTable;
  /** The name of the table in schema staging. */
  readonly staging: string;
  /** The columns that are filled, in the order in which they are read. */
  readonly columns: readonly TargetColumn[];
  /** Whether the import makes the table; a pipeline's own table is never altered. */
  readonly makes: boolean;
  /** The table that is there. */
  readonly existing: StagingTable | undefined;
  /** Columns of the file that the staging table lacks. */
  readonly notImported: readonly string[];
  /** Columns of the staging table that the file lacks. */
  readonly notFilled: readonly string[];
}

/** What Postgres keeps of a name. */
const NAME_BYTES = 63;

/**
 * Decides how a table of the file is imported: which columns go where, and who makes the table.
 *
 * The columns of a table that is to be made have no type yet: their values decide.
 *
 * @param existing The staging table, if it is there.
 * @throws LF011 when the two do not fit.
 */
export function planTable(
  pipeline: string,
  source: SourceTable,
  existing: StagingTable | undefined,
): TablePlan {
  const staging = existing?.name ?? `${pipeline}_${source.name}`;
  const cannot = (why: string, details: string | null, hint: string) =>
    new LandfallError("LF011", `Cannot import table ${source.name}: ${why}`, { details, hint });

  if (!existing || (existing.made && existing.views.length === 0)) {
    const long = [staging, ...source.columns.map(({ name }) => name)].find((name) =>
      new TextEncoder().encode(name).length > NAME_BYTES
    );
    if (long !== undefined) {
      throw cannot(
        `${long} is longer than the ${NAME_BYTES} bytes that Postgres keeps of a name`,
        null,
        `Make staging.${pipeline}_… in a migration, with shorter names, or leave the table out ` +
          "with --tables.",
      );
    }
    const columns = source.columns.map(({ name }) => ({
      source: name,
      name,
      type: "",
      notNull: false,
    }));
    return {
      source,
      staging,
      columns,
      makes: true,
      existing,
      notImported: [],
      notFilled: [],
    };
  }

  const matches = existing.columns.map((column) => ({
    ...column,
    source: counterpart(source, column.file ?? column.name),
  }));
  const columns = matches.filter((column): column is typeof column & TargetColumn =>
    column.source !== undefined
  );
  const taken = columns.map((column) => column.source);
  const twice = taken.find((name, place) => taken.indexOf(name) !== place);
  if (twice !== undefined) {
    throw cannot(
      `its column ${twice} could go to several columns of staging.${staging}`,
      null,
      "Their names differ by case only: rename one.",
    );
  }
  const notFilled = matches.filter((column) => column.source === undefined);
  const required = notFilled.filter(({ notNull, hasDefault }) => notNull && !hasDefault);
  if (required.length > 0 || columns.length === 0) {
    throw cannot(
      `it lacks columns that staging.${staging} requires`,
      `Missing: ${
        (required.length > 0 ? required : notFilled).map(({ name }) => name).join(", ")
      }.` +
        ` The file has ${source.columns.map(({ name }) => name).join(", ")}.`,
      "Import the right file, or change the table in its migration.",
    );
  }
  const notImported = source.columns.map(({ name }) => name).filter((name) =>
    !taken.includes(name)
  );
  if (existing.made && notImported.length + notFilled.length > 0) {
    throw cannot(
      `its columns have changed, and views read staging.${staging}`,
      `The views are ${existing.views.join(", ")}.`,
      "Drop them, import again, and make them anew.",
    );
  }
  return {
    source,
    staging,
    columns,
    makes: false,
    existing,
    notImported,
    notFilled: notFilled.map(({ name }) => name),
  };
}

/** A column of the file, or its rowid, by a name as SQLite compares it. */
function counterpart({ columns, rowId }: SourceTable, wanted: string): string | undefined {
  return columns.find(({ name }) => name === wanted)?.name ??
    columns.find(({ name }) => name.toLowerCase() === wanted.toLowerCase())?.name ??
    (wanted === rowId ? rowId : undefined);
}
