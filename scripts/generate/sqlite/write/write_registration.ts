import type { ColumnPlan, PipelinePlan, TablePlan } from "../plan/pipeline_plan.ts";
import { call } from "../../sql/call.ts";
import { identifier } from "../../sql/identifier.ts";
import { literal } from "../../sql/literal.ts";
import { writeRules } from "./write_rules.ts";
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
      ...writeRules(plan, table),
      fileTable(plan, table),
    ]),
  ].join("\n");
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
