import { candidates } from "./census/candidates.ts";
import type { ColumnPlan, PipelinePlan, TablePlan, Verdict } from "./plan/pipeline_plan.ts";
import { targetName } from "./write/write_target.ts";

/** The census of a file, and what became of everything in it; as `--json` prints it. */
export interface FileReport {
  readonly pipeline: string;
  readonly file: string;
  readonly tables: readonly TableReport[];
  readonly verdicts: readonly Verdict[];
}

/** What a table holds, and what its columns become. */
export interface TableReport {
  readonly table: string;
  readonly rows: number;
  readonly target: string;
  readonly columns: readonly ColumnReport[];
  /** What SQLite lets pass and Postgres does not. */
  readonly faults: readonly string[];
}

/** What a column holds, and what it becomes. */
export interface ColumnReport {
  readonly column: string;
  readonly declared: string;
  readonly nulls: number;
  /** Values of each storage class. */
  readonly values: Readonly<Record<string, number>>;
  /** The smallest and the largest number, or the most characters; withheld for secrets. */
  readonly range: string;
  /** What else every value, or nearly every one, could be read as. */
  readonly candidates: readonly string[];
  readonly target: string | undefined;
  readonly type: string | undefined;
  readonly evidence: readonly string[];
  /** Values that are not of the type. */
  readonly misfits: number;
}

const count = (value: number): string => value.toLocaleString("en-US");

/** Puts a plan together as a report. */
export function reportOf(plan: PipelinePlan): FileReport {
  return {
    pipeline: plan.pipeline,
    file: plan.file,
    tables: plan.tables.map((table) => ({
      table: table.file.name,
      rows: table.rows,
      target: targetName(plan, table),
      columns: table.columns.flatMap((column) =>
        column.file === undefined ? [] : [columnReport(column)]
      ),
      faults: faultsOf(table),
    })),
    verdicts: plan.verdicts,
  };
}

function columnReport(
  { file, census, secret, name, type, evidence, misfits }: ColumnPlan,
): ColumnReport {
  const counted = census!;
  const { integers, reals, texts, blobs, damaged } = counted;
  return {
    column: file!.name,
    declared: file!.declared,
    nulls: counted.nulls,
    values: Object.fromEntries(
      Object.entries({ integers, reals, texts, blobs, damaged }).filter(([, many]) => many > 0),
    ),
    range: secret ? "withheld" : rangeOf(counted),
    candidates: candidates(counted),
    target: name,
    type,
    evidence,
    misfits,
  };
}

function rangeOf(
  { integers, reals, leastNumber, mostNumber, longest, texts }: NonNullable<ColumnPlan["census"]>,
): string {
  return [
    integers + reals > 0 ? `${leastNumber} to ${mostNumber}` : "",
    texts > 0 ? `at most ${count(longest)} characters` : "",
  ].filter(Boolean).join(", ");
}

function faultsOf({ file, faults, columns }: TablePlan): string[] {
  const rows = (many: number) => `${count(many)} ${many === 1 ? "row" : "rows"}`;
  return [
    ...faults.nullKeys > 0
      ? [`${rows(faults.nullKeys)} with NULL in the primary key: rejected`]
      : [],
    ...faults.sameKeys > 0
      ? [
        `keys that are several in SQLite and one as texts: ${
          count(faults.sameKeys)
        }; the rowid names the rows`,
      ]
      : [],
    ...file.foreignKeys.flatMap(({ columns, parent }, nth) =>
      faults.orphans[nth]! > 0
        ? [`${rows(faults.orphans[nth]!)} whose ${columns.join(", ")} names no row of ${parent}`]
        : []
    ),
    ...Object.entries(faults.sameButCase).map(([name, many]) =>
      `values of ${name} that differ by letter case alone: ${count(many)}`
    ),
    ...columns.flatMap(({ file, misfits, type }) =>
      misfits > 0 ? [`${rows(misfits)} whose ${file!.name} is no ${type}`] : []
    ),
  ];
}
