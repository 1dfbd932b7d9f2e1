import type { ColumnPlan, ForeignKeyPlan, PipelinePlan, TablePlan } from "../plan/pipeline_plan.ts";
import { Names } from "../plan/names.ts";
import { identifier } from "./identifier.ts";
import { literal } from "./literal.ts";
import { sourceKey } from "./source_key.ts";
import { targetName } from "./write_target.ts";

/** Writes what tells the engine of the pipeline, its entities and rules, and of the file. */
export function writeRegistration(plan: PipelinePlan): string {
  return [
    call("define_pipeline", [
      ["name", literal(plan.pipeline)],
      ["description", literal(plan.description)],
    ]),
    ...plan.verdicts.filter(({ kind, verdict }) => kind === "table" && verdict === "left out").map((
      { name, why },
    ) =>
      call("skip_file_table", [
        ["pipeline", literal(plan.pipeline)],
        ["file_table", literal(name)],
        ["reason", literal(why ?? "")],
      ])
    ),
    ...plan.tables.flatMap((table) => [
      entity(plan, table),
      ...rules(plan, table),
      fileTable(plan, table),
    ]),
  ].join("\n");
}

function call(name: string, parameters: readonly (readonly [string, string])[]): string {
  const list = parameters.map(([parameter, value]) => `  ${parameter} => ${value}`);
  return `select landfall.${name}(\n${list.join(",\n")}\n);`;
}

function entity(plan: PipelinePlan, table: TablePlan): string {
  const secrets = [
    ...table.staged.filter(({ secret }) => secret).map(({ name }) => name),
    // a key that is secret is not shown, either
    ...table.columns.filter(({ name, secret }) => secret && table.primaryKey.includes(name))
      .map(({ name }) => name),
  ].filter((name, place, all) => all.indexOf(name) === place);
  return call("define_entity", [
    ["pipeline", literal(plan.pipeline)],
    ["name", literal(table.entity)],
    ["target", literal(targetName(plan, table))],
    ...secrets.length > 0 ? [["secret_fields", array(secrets)] as const] : [],
  ]);
}

function array(names: readonly string[]): string {
  return `array[${names.map(literal).join(", ")}]${names.length === 0 ? "::text[]" : ""}`;
}

function rules(plan: PipelinePlan, table: TablePlan): string[] {
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

/** What `verify --against` must know: how each value of the file becomes one of the target. */
function fileTable({ pipeline }: PipelinePlan, table: TablePlan): string {
  const columns = [
    ...(table.rowId === undefined ? [] : [{
      file: null,
      staging: table.rowId,
      ...part(table.columns.find(({ file, reading }) => file === undefined && reading)),
    }]),
    ...table.staged.map(({ file, name, secret }) => ({
      file,
      ...(name === file ? {} : { staging: name }),
      ...(secret ? { secret } : {}),
      ...part(
        table.columns.find((column) => column.file?.name === file && column.reading !== undefined),
      ),
    })),
  ];
  const skipped = table.file.columns
    .filter(({ name }) => !table.staged.some(({ file }) => file === name))
    .map(({ name }) => ({ file: name, skipped: table.mapping.columns?.[name]?.skip ?? "" }));
  const list = [...columns, ...skipped].map(columnText).join(",\n");
  return call("define_file_table", [
    ["pipeline", literal(pipeline)],
    ["entity", literal(table.entity)],
    ["file_table", literal(table.file.name)],
    ["staging", literal(`staging.${identifier(table.staging)}`)],
    ["key", array(table.sourceKey)],
    ["columns", `${literal(`[\n${list}\n  ]`)}`],
  ]);
}

function part(column: ColumnPlan | undefined): Partial<Record<"target" | "reading", unknown>> {
  return column === undefined ? {} : { target: column.name, reading: column.reading };
}

function columnText(column: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(column).map(([name, value]) =>
    `${JSON.stringify(name)}: ${JSON.stringify(value)}`
  );
  const line = `    {${fields.join(", ")}}`;
  return line.length < 100 ? line : `    {${fields.join(",\n      ")}}`;
}
