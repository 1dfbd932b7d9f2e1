import { GENERATED } from "../../migration_file.ts";
import { identifier } from "../../sql/identifier.ts";
import { remark } from "../../sql/remark.ts";
import type { StorePlan } from "../plan/store_plan.ts";
import { writeAccount } from "./write_account.ts";
import { writeRegistration } from "./write_registration.ts";
import { writeRestored } from "./write_restored.ts";
import { writeStore } from "./write_store.ts";
import { writePostponed, writeTarget } from "./write_target.ts";
import { writeTransform } from "./write_transform.ts";

/** Writes a plan as one migration, the same text for the same plan. */
export function writeMigration(plan: StorePlan): string {
  const { pipeline, schema, store, entities } = plan;
  const sections = [
    [
      "/*",
      ...commented(
        " * ",
        `Pipeline ${pipeline}. ${GENERATED} key-value store, ${store}: read it as you would read a ` +
          "colleague's, and change what should be otherwise, here or in the mapping. A comment " +
          "beside a column says what spoke for its type.",
      ),
      " *",
      ` * Reads  the store, through transform.${pipeline}_source`,
      ...commented(" *        ", `${schema}: ${entities.map(({ name }) => name).join(", ")}`)
        .map((line, nth) => nth === 0 ? line.replace(" *        ", " * Writes ") : line),
      " * Holds  every key is migrated, stands for what the rows say as well, or is left out with",
      ` *        the reason: select * from transform.${pipeline}_account`,
      " */",
    ].join("\n"),
    ...schema === "public" ? [] : [
      `create schema if not exists ${identifier(schema)};\ngrant usage on schema ${
        identifier(schema)
      } to service_role, authenticated;`,
    ],
    ...writeStore(plan),
    ...entities.map((entity) => writeTarget(plan, entity)),
    ...writePostponed(plan),
    ...entities.map((entity) => writeTransform(plan, entity)),
    ...writeRestored(plan),
    ...writeAccount(plan),
    writeRegistration(plan),
    "select landfall.close_doors();",
  ];
  return `${sections.join("\n\n\n").replaceAll(" */\n\n\n", " */\n\n")}\n`;
}

/** A sentence inside a comment that it can neither end nor nest. */
function commented(before: string, text: string): string[] {
  const safe = text.replaceAll("/*", "/ *").replaceAll("*/", "* /");
  return remark("", [safe]).map((line) => line.replace(/^-- /, () => before));
}
