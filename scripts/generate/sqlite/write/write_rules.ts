import { Names } from "../../names/names.ts";
import type { ForeignKeyPlan, PipelinePlan, TablePlan } from "../plan/pipeline_plan.ts";
import { call } from "../../sql/call.ts";
import { identifier } from "../../sql/identifier.ts";
import { literal } from "../../sql/literal.ts";
import { sourceKey } from "./source_key.ts";
import { targetName } from "./write_target.ts";

/** Writes the rules of a mapping, and those that stand in for foreign keys that close a circle. */
export function writeRules(plan: PipelinePlan, table: TablePlan): string[] {
  const head = (name: string, action: string, reason: string) =>
    [
      ["pipeline", literal(plan.pipeline)],
      ["entity", literal(table.entity)],
      ["name", literal(name)],
      ["action", literal(action)],
      ["reason", literal(reason)],
    ] as const;
  const names = new Names(Object.keys(table.mapping.rules ?? {}));
  const name = () => names.take("parent_is_there");
  return [
    ...Object.entries(table.mapping.rules ?? {}).map(([name, { action, reason, condition }]) =>
      call("define_rule", [...head(name, action, reason), ["condition", dollars(condition)]])
    ),
    ...table.foreignKeys.filter((each) => each.postponed && isExact(plan, table, each))
      .map((foreignKey) => {
        const reason = `${foreignKey.columns.join(", ")} names no row of ${foreignKey.parent}`;
        return call("define_rule", [
          ...head(name(), "reject", reason),
          ["query", dollars(orphans(plan, table, foreignKey))],
        ]);
      }),
    // asked when the parents are there: they come after the children whose keys close a circle
    ...plan.tables.flatMap((child) =>
      child.foreignKeys.filter(({ postponed, parent }) => postponed && parent === table.file.name)
        .map((foreignKey) =>
          call("define_rule", [
            ...head(
              name(),
              "finding",
              `${
                foreignKey.columns.join(", ")
              } of ${child.target} names a row that is not there: ` +
                "its foreign key cannot be added",
            ),
            ["query", dollars(withoutParent(plan, child, table, foreignKey))],
          ])
        )
    ),
  ];
}

/** Rows of the target whose parent has not become a row. */
function withoutParent(
  plan: PipelinePlan,
  child: TablePlan,
  parent: TablePlan,
  { columns, parentColumns }: ForeignKeyPlan,
): string {
  const filled = columns.map((name) => `child.${identifier(name)} is not null`);
  const equal = columns.map((name, place) =>
    `parent.${identifier(parentColumns[place]!)} = child.${identifier(name)}`
  );
  return `
    select concat_ws(',', ${
    child.primaryKey.map((name) => `child.${identifier(name)}`).join(", ")
  }) as source_key
    from ${targetName(plan, child)} as child
    where ${filled.join(" and ")}
      and not exists (
        select from ${targetName(plan, parent)} as parent where ${equal.join(" and ")}
      )
  `;
}

/** Whether texts of both sides are equal just where their values are: 01 and 1 are not. */
function isExact(
  { tables }: PipelinePlan,
  table: TablePlan,
  { columns, parent, parentColumns }: ForeignKeyPlan,
): boolean {
  const found = tables.find(({ file }) => file.name === parent)!;
  const sides = [[table, columns], [found, parentColumns]] as const;
  return sides.every(([{ columns: all }, names]) =>
    names.every((name) => {
      const { reading, census } = all.find((column) => column.name === name)!;
      return reading?.as === "text" || (reading?.as === "integer" && census?.texts === 0);
    })
  );
}

function dollars(sql: string): string {
  let tag = "$$";
  for (let nth = 1; sql.includes(tag); nth++) tag = `$rule_${nth}$`;
  return `${tag}${sql}${tag}`;
}

/** The rows whose parent is missing, where no foreign key can say so during a run. */
function orphans(
  { tables }: PipelinePlan,
  table: TablePlan,
  { columns, parent, parentColumns }: ForeignKeyPlan,
): string {
  const found = tables.find(({ file }) => file.name === parent)!;
  const stagedAs = (of: TablePlan, name: string) => {
    const column = of.columns.find((each) => each.name === name)!;
    return identifier(of.staged.find(({ file }) => file === column.file!.name)!.name);
  };
  const filled = columns.map((name) => `legacy.${stagedAs(table, name)} is not null`);
  const equal = columns.map((name, place) =>
    `parent.${stagedAs(found, parentColumns[place]!)} = legacy.${stagedAs(table, name)}`
  );
  return `
    select ${sourceKey(table, "legacy.")} as source_key
    from staging.${identifier(table.staging)} as legacy
    where ${filled.join(" and ")}
      and not exists (
        select from staging.${identifier(found.staging)} as parent where ${equal.join(" and ")}
      )
  `;
}
