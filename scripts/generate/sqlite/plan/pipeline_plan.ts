import type { Reading } from "../../../verify/reading/reading.ts";
import type { FaultCounts } from "../census/find_faults.ts";
import type { ColumnCensus } from "../census/column_census.ts";
import type { TableMapping } from "../mapping.ts";
import type { FileColumn, FileTable } from "../schema/file_schema.ts";

/** All that a migration will say. */
export interface PipelinePlan {
  readonly pipeline: string;
  readonly description: string;
  readonly schema: string;
  /** The file's name, without its folder. */
  readonly file: string;
  readonly tables: readonly TablePlan[];
  /** What became of everything that the file declares. */
  readonly verdicts: readonly Verdict[];
}

/** A table of the file, and the table it becomes. */
export interface TablePlan {
  readonly file: FileTable;
  readonly rows: number;
  readonly faults: FaultCounts;
  readonly mapping: TableMapping;
  /** The entity's name. */
  readonly entity: string;
  /** The table's name in the target schema. */
  readonly target: string;
  /** Whether the name it would have had is taken, or too long. */
  readonly renamed: boolean;
  /** The table's name in schema staging. */
  readonly staging: string;
  readonly columns: readonly ColumnPlan[];
  /** Columns of the staging table: those of the file that are read. */
  readonly staged: readonly StagedColumn[];
  /** The columns of the file that name a row; none where its rowid does. */
  readonly sourceKey: readonly string[];
  /** The staging column that holds the rowid, where rows need it for a name. */
  readonly rowId: string | undefined;
  readonly primaryKey: readonly string[];
  /** Constraints that stand in the table's statement, the primary key apart. */
  readonly constraints: readonly Constraint[];
  readonly foreignKeys: readonly ForeignKeyPlan[];
  readonly indexes: readonly IndexPlan[];
}

/** A column of the target. */
export interface ColumnPlan {
  readonly name: string;
  /** Whether the name it would have had is taken, or too long. */
  readonly renamed: boolean;
  readonly type: string;
  readonly notNull: boolean;
  readonly default: string | undefined;
  /** How Postgres computes it. */
  readonly generated: string | undefined;
  /** The sequence of an identity, and where it begins. */
  readonly identity: { readonly sequence: string; readonly start: bigint } | undefined;
  /** The column of the file; none for one that a mapping adds. */
  readonly file: FileColumn | undefined;
  readonly census: ColumnCensus | undefined;
  /**
   * How a value of the file becomes one of the target; nothing where an expression says so, or
   * where only Postgres can read the type. Without a column of the file, it is the rowid.
   */
  readonly reading: Reading | undefined;
  /** What a mapping says it becomes. */
  readonly expression: string | undefined;
  /** The table of the file whose rows' new keys it holds. */
  readonly follows: string | undefined;
  readonly secret: boolean;
  readonly evidence: readonly string[];
  readonly misfits: number;
}

/** A column of the staging table. */
export interface StagedColumn {
  readonly file: string;
  readonly name: string;
  readonly type: "text" | "bytea";
  /** How its values are read, whether or not the target has a column for them. */
  readonly reading: Reading;
  readonly secret: boolean;
}

/** A constraint, with what is to be said of it. */
export interface Constraint {
  readonly sql: string;
  readonly remark: string | undefined;
}

/** An index of the target. */
export interface IndexPlan {
  readonly name: string;
  readonly unique: boolean;
  /** Columns or expressions, as SQL. */
  readonly parts: readonly string[];
  /** The condition of a partial index. */
  readonly where: string | undefined;
  readonly remark: string | undefined;
}

/** A foreign key of the target. */
export interface ForeignKeyPlan {
  readonly name: string;
  readonly columns: readonly string[];
  /** The parent's table in the file. */
  readonly parent: string;
  readonly parentColumns: readonly string[];
  /** `on delete cascade` and the like. */
  readonly clauses: string;
  /** It closes a circle: to be added when all rows are there. */
  readonly postponed: boolean;
}

/** What became of something that the file declares, and why. */
export interface Verdict {
  readonly table: string | undefined;
  readonly kind: string;
  readonly name: string;
  readonly verdict: "kept" | "translated" | "left out";
  readonly why: string | undefined;
  /** What stands in the file, where it is left out. */
  readonly original: string | undefined;
}
