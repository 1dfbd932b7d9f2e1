import { identifier } from "../../sql/identifier.ts";
import { literal } from "../../sql/literal.ts";
import { remark } from "../../sql/remark.ts";
import type { ColumnPlan, EntityPlan, StorePlan } from "../plan/store_plan.ts";
import { targetName } from "./names_of.ts";

/** Writes a table with its keys, indexes and row level security. */
export function writeTarget(plan: StorePlan, entity: EntityPlan): string {
  const name = targetName(plan, entity.name);
  const list = (columns: readonly string[]) => columns.map(identifier).join(", ");
  const lines: { remarks: readonly string[]; sql: string }[] = [
    ...entity.columns.map((column) => ({ remarks: column.evidence, sql: columnSql(column) })),
    { remarks: [], sql: `primary key (${list(entity.primaryKey)})` },
    ...entity.uniques.map(({ columns, why }) => ({
      remarks: [why],
      sql: `unique (${list(columns)})`,
    })),
    ...entity.checks.map(({ column, values, why }) => ({
      remarks: [why],
      sql: `check (${identifier(column)} in (${values.map(literal).join(", ")}))`,
    })),
    ...entity.foreignKeys.filter(({ postponed }) => !postponed).map((key) => ({
      remarks: [],
      sql: `foreign key (${list(key.columns)}) references ${targetName(plan, key.parent)} (${
        list(key.parentColumns)
      })`,
    })),
  ];
  const body = lines.flatMap(({ remarks, sql }, nth) => [
    ...remark("  ", remarks),
    `  ${sql}${nth < lines.length - 1 ? "," : ""}`,
  ]);
  const indexes = entity.indexes.flatMap(({ columns, why }) => [
    ...remark("", [why]),
    `create index on ${name} (${list(columns)});`,
  ]);
  return [
    `create table ${name} (`,
    ...body,
    ");",
    "",
    ...indexes.length > 0 ? [...indexes, ""] : [],
    `comment on table ${name} is`,
    `${literal(entity.comment)};`,
    "",
    ...security(entity, name),
  ].join("\n");
}

/** Writes the foreign keys that close a circle, as comments. */
export function writePostponed(plan: StorePlan): string[] {
  const lines = plan.entities.flatMap((entity) =>
    entity.foreignKeys.filter(({ postponed }) => postponed).map(
      ({ columns, parent, parentColumns }) =>
        `--   alter table ${targetName(plan, entity.name)} add foreign key (${
          columns.map(identifier).join(", ")
        }) references ${targetName(plan, parent)} (${parentColumns.map(identifier).join(", ")});`,
    )
  );
  return lines.length === 0 ? [] : [
    [
      ...remark("", [
        "These close a circle, and the engine writes parents first: add them when all rows are there.",
      ]),
      ...lines,
    ].join("\n"),
  ];
}

function columnSql({ name, type, notNull, default: given }: ColumnPlan): string {
  return [
    `${identifier(name)} ${type}`,
    notNull ? "not null" : "",
    given === undefined ? "" : `default ${given}`,
  ].filter(Boolean).join(" ");
}

function security({ owner, name: entity }: EntityPlan, name: string): string[] {
  const closed = [
    `alter table ${name} enable row level security;`,
    `revoke all on ${name} from public, anon, authenticated;`,
    `grant select, insert, update, delete on ${name} to service_role;`,
  ];
  if (owner === undefined) {
    return ["-- no column names an account: write policies for those who may enter", ...closed];
  }
  const isOwner = `${identifier(owner.column)} = (select auth.uid())`;
  return [
    ...closed,
    `grant select, insert, update, delete on ${name} to authenticated;`,
    "",
    ...remark("", [`${owner.column}: ${owner.why}`]),
    `create policy ${identifier(`Owners have their own ${entity}`)} on ${name}`,
    "  for all",
    "  to authenticated",
    `  using (${isOwner})`,
    `  with check (${isOwner});`,
  ];
}
