import {
  type ColumnConstraint,
  type ColumnDefinition,
  type CreateTableStmt,
  type Expr,
  parseStatement,
} from "../expressions/parse_sqlite.ts";
import type { FileCheck, Source } from "./file_schema.ts";

/** What only the statement tells of a table. */
export interface TableStatement {
  readonly columns: ReadonlyMap<string, ColumnStatement>;
  readonly checks: readonly FileCheck[];
  /** The columns of the foreign keys that are deferred. */
  readonly deferred: readonly (readonly string[])[];
  readonly autoIncrement: boolean;
  /** Constraints with an `on conflict` of their own. */
  readonly conflictClauses: readonly string[];
}

/** What only the statement tells of a column. */
export interface ColumnStatement {
  readonly collation: string;
  readonly default: Source | undefined;
  readonly generated: Source | undefined;
}

type Body = Extract<CreateTableStmt["body"], { type: "ColumnsAndConstraintsCreateTableBody" }>;

/**
 * Reads the statement that made a table.
 *
 * @returns Nothing when it is not understood: a file may have been made by a newer SQLite.
 */
export function readStatement(sql: string): TableStatement | undefined {
  const statement = parseStatement(sql);
  if (statement?.type !== "CreateTableStmt") return undefined;
  const { body } = statement;
  if (body.type !== "ColumnsAndConstraintsCreateTableBody") return undefined;
  const source = (expression: Expr): Source => ({ expression, text: cut(sql, expression) });
  return {
    columns: new Map(
      body.columns.map((column) => [column.colName.text, columnStatement(column, source)]),
    ),
    checks: checksOf(body, source),
    conflictClauses: namedConstraints(body)
      .filter(({ constraint }) => "conflictClause" in constraint && constraint.conflictClause)
      .map(({ span }) => sql.slice(span.offset, span.offset + span.length)),
    deferred: deferredOf(body),
    autoIncrement:
      constraintsOf(body).some((constraint) =>
        constraint.type === "PrimaryKeyColumnConstraint" && constraint.autoIncrement
      ) || (body.constraints ?? []).some(({ constraint }) =>
        constraint.type === "PrimaryKeyTableConstraint" && constraint.autoIncrement
      ),
  };
}

function cut(sql: string, { span }: Expr): string {
  return sql.slice(span.offset, span.offset + span.length);
}

function constraintsOf(body: Body): ColumnConstraint[] {
  return body.columns.flatMap(({ constraints }) => constraints.map(({ constraint }) => constraint));
}

function columnStatement(
  { constraints }: ColumnDefinition,
  source: (expression: Expr) => Source,
): ColumnStatement {
  let collation = "binary";
  let fallback: Source | undefined;
  let generated: Source | undefined;
  for (const { constraint } of constraints) {
    switch (constraint.type) {
      case "CollateColumnConstraint":
        collation = constraint.collationName.text.toLowerCase();
        break;
      case "DefaultColumnConstraint":
        fallback = source(constraint.expr);
        break;
      case "GeneratedColumnConstraint":
        generated = source(constraint.expr);
    }
  }
  return { collation, default: fallback, generated };
}

function namedConstraints({ columns, constraints }: Body) {
  return [...columns.flatMap((column) => column.constraints), ...(constraints ?? [])];
}

function checksOf(body: Body, source: (expression: Expr) => Source): FileCheck[] {
  return namedConstraints(body).flatMap(({ name, constraint }) =>
    constraint.type === "CheckColumnConstraint" || constraint.type === "CheckTableConstraint"
      ? [{ name: name?.text, ...source(constraint.expr) }]
      : []
  );
}

function deferredOf(body: Body): string[][] {
  const ofColumns = body.columns.flatMap(({ colName, constraints }) =>
    // a deferral stands behind the reference it belongs to
    constraints.some(({ constraint }) =>
        constraint.type === "DeferColumnConstraint" && isDeferred(constraint.clause)
      )
      ? [[colName.text]]
      : []
  );
  const ofTable = (body.constraints ?? []).flatMap(({ constraint }) =>
    constraint.type === "ForeignKeyTableConstraint" && isDeferred(constraint.deferClause)
      ? [constraint.columns.map(({ colName }) => colName.text)]
      : []
  );
  return [...ofColumns, ...ofTable];
}

function isDeferred(
  clause: { readonly deferrable: boolean; readonly initDeferred?: string | undefined } | undefined,
): boolean {
  return clause !== undefined && clause.deferrable && clause.initDeferred === "InitiallyDeferred";
}
