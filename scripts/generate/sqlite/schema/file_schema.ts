import type { SourceColumn, SourceTable } from "../../../import/sqlite/list_tables.ts";
import type { Expr } from "../expressions/parse_sqlite.ts";

/** All that a SQLite file declares. */
export interface FileSchema {
  readonly tables: readonly FileTable[];
  /** What has no rows of its own, or acts on those of others. */
  readonly others: readonly FileObject[];
}

/** A view, a trigger or a virtual table, with what belongs to that. */
export interface FileObject {
  readonly kind: "view" | "trigger" | "virtual table" | "shadow table";
  readonly name: string;
  /** The table that a trigger acts on. */
  readonly table: string | undefined;
  /** The statement that made it. */
  readonly sql: string;
}

/** A table, with everything that was declared of it. */
export interface FileTable extends SourceTable {
  readonly columns: readonly FileColumn[];
  /** The statement that made it. */
  readonly sql: string;
  /** Whether its statement could be read: if not, checks, collations and the like are unknown. */
  readonly understood: boolean;
  /** The column that is another name of the rowid: `integer primary key`. */
  readonly rowIdAlias: string | undefined;
  /** The highest rowid there ever was, where `autoincrement` keeps it. */
  readonly highestRowId: bigint | undefined;
  readonly foreignKeys: readonly FileForeignKey[];
  /** Unique constraints, apart from the primary key. */
  readonly uniques: readonly FileUnique[];
  readonly checks: readonly FileCheck[];
  /** Constraints that say what a statement does when they are broken: `unique (a) on conflict replace`. */
  readonly conflictClauses: readonly string[];
  /** Indexes that were made by a statement of their own. */
  readonly indexes: readonly FileIndex[];
}

/** A column, with everything that was declared of it. */
export interface FileColumn extends SourceColumn {
  readonly notNull: boolean;
  readonly collation: string;
  readonly default: Source | undefined;
  readonly generated: Source | undefined;
}

/** An expression, as it was parsed and as it stands in the file. */
export interface Source {
  readonly expression: Expr | undefined;
  readonly text: string;
}

/** A foreign key; its parent may be missing, as SQLite does not look. */
export interface FileForeignKey {
  readonly columns: readonly string[];
  readonly parent: string;
  /** The columns it refers to: the parent's primary key where none are named. */
  readonly parentColumns: readonly string[];
  readonly onDelete: string;
  readonly onUpdate: string;
  /** `deferrable initially deferred`: the only kind that SQLite defers. */
  readonly deferred: boolean;
}

/** Columns whose values are unique together. */
export interface FileUnique {
  readonly columns: readonly { readonly name: string; readonly collation: string }[];
}

/** A check constraint. */
export interface FileCheck extends Source {
  readonly name: string | undefined;
}

/** An index: its parts are columns or expressions. */
export interface FileIndex {
  readonly name: string;
  readonly unique: boolean;
  readonly parts: readonly FileIndexPart[];
  readonly where: Source | undefined;
  /** The statement that made it. */
  readonly sql: string;
}

/** A part of an index. */
export interface FileIndexPart extends Source {
  /** The column, where it is no expression. */
  readonly column: string | undefined;
  readonly collation: string;
  readonly descending: boolean;
}
