import type { FileColumnMap, FileTableMap } from "./file_table.ts";
import { canonicalSql } from "./reading/canonical_sql.ts";
import { type CellReader, cellReader } from "./reading/cell_reader.ts";
import { comparable } from "./reading/comparable.ts";
import { quoted } from "../import/staging/quoted.ts";

/** A value that is computed on both sides. */
export interface DigestColumn {
  /** What it is called in a report. */
  readonly name: string;
  /** The column of the file; null is the rowid. */
  readonly file: string | null;
  /** From the file: the canonical text, null, or undefined for a value that does not convert. */
  readonly read: CellReader;
  /** In Postgres: SQL for the canonical text. */
  readonly sql: string;
  /** Whether its values must not be shown. */
  readonly secret: boolean;
}

/** The columns of an entity that are compared, by what they are compared with. */
export interface DigestColumns {
  /** The target has their values, as they are read. */
  readonly target: readonly DigestColumn[];
  /** A transform of its own makes something of them: they are compared as they are staged. */
  readonly staged: readonly DigestColumn[];
  /** Columns of the target that are gone, or of a type that cannot hold their values. */
  readonly gone: readonly string[];
}

/** Decides which columns of the file are compared with the target, and which with staging. */
export function digestColumns({ columns }: FileTableMap): DigestColumns {
  const isDirect = ({ reading, type }: FileColumnMap) =>
    reading !== undefined && type !== null && comparable(reading, type) &&
    canonicalSql(type, "") !== undefined;
  return {
    target: columns.filter(isDirect).map(({ file, target, reading, type, secret }) => ({
      name: target!,
      file,
      read: cellReader(reading!),
      sql: canonicalSql(type!, `stored_.${quoted(target!)}`)!,
      secret,
    })),
    staged: columns.filter(({ file, reading, stagingType }) =>
      reading === undefined && file !== null && stagingType !== null
    ).map(({ file, staging, stagingType, secret }) => ({
      name: `${file} as staged`,
      file,
      read: cellReader({ as: stagingType === "bytea" ? "bytes" : "text" }),
      sql: canonicalSql(stagingType!, `legacy.${quoted(staging)}`)!,
      secret,
    })),
    gone: columns.filter((column) =>
      column.reading === undefined ? column.stagingType === null : !isDirect(column)
    ).map(({ file, target, staging }) => target ?? `${file}, staged as ${staging}`),
  };
}

/** SQL for the digest of several values: a text that no other values have, hashed. */
export function digestSql(columns: readonly DigestColumn[]): string {
  if (columns.length === 0) return "md5('')";
  const parts = columns.map((_, place) =>
    `coalesce(c${place} || ':' || octet_length(c${place}), ':-')`
  );
  const values = columns.map(({ sql }, place) => `${sql} as c${place}`);
  // each value once: offset keeps the step apart
  return `(select md5(${parts.join(" || ")}) from (select ${values.join(", ")} offset 0) as parts)`;
}
