import { GENERATED } from "../../migration_file.ts";
import type { PipelinePlan } from "../plan/pipeline_plan.ts";
import { identifier } from "../../sql/identifier.ts";
import { remark } from "../../sql/remark.ts";
import { writeLeftOut } from "./write_left_out.ts";
import { writeRegistration } from "./write_registration.ts";
import { writeStaging } from "./write_staging.ts";
import { writeTarget } from "./write_target.ts";
import { writeForeignKeys } from "./write_foreign_keys.ts";
import { writeTransform } from "./write_transform.ts";

/** Writes a plan as one migration, the same text for the same plan. */
export function writeMigration(plan: PipelinePlan): string {
  const { pipeline, schema, file, tables } = plan;
  const targets = tables.map(({ target }) => target).join(", ");
  const head = [
    "/*",
    ...commented(" * ", [
      `Pipeline ${pipeline}. ${GENERATED} SQLite database, ${file}: read it as you would read a colleague's, and ` +
      "change what should be otherwise, here or in the mapping. A comment beside a column says " +
      "what spoke for its type.",
    ]),
    " *",
    ` * Reads  staging.${pipeline}_*, which import sqlite fills`,
    ...commented(" *        ", [`${schema}: ${targets}`])
      .map((line, nth) => nth === 0 ? line.replace(" *        ", " * Writes ") : line),
    " * Holds  a row whose values do not fit is rejected with the reason; nothing is made NULL unsaid",
    " */",
  ];
  const sections = [
    head.join("\n"),
    ...schema === "public" ? [] : [writeSchema(schema)],
    ...tables.flatMap((table) => [writeStaging(plan, table), writeTarget(plan, table)]),
    ...writeForeignKeys(plan),
    ...tables.map((table) => writeTransform(plan, table)),
    writeRegistration(plan),
    ...writeLeftOut(plan),
    "select landfall.close_doors();",
  ];
  return `${sections.join("\n\n\n").replaceAll(" */\n\n\n", " */\n\n")}\n`;
}

function writeSchema(schema: string): string {
  const name = identifier(schema);
  return `create schema if not exists ${name};\ngrant usage on schema ${name} to service_role;`;
}

/** Sentences inside a comment that they can neither end nor nest. */
function commented(before: string, sentences: readonly string[]): string[] {
  const safe = sentences.map((text) => text.replaceAll("/*", "/ *").replaceAll("*/", "* /"));
  return remark("", safe).map((line) => line.replace(/^-- /, () => before));
}
