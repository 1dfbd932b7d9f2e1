import { identifier } from "../../sql/identifier.ts";
import type { StorePlan } from "../plan/store_plan.ts";

/** The name of a table of the target, with its schema. */
export function targetName({ schema }: Pick<StorePlan, "schema">, name: string): string {
  return `${identifier(schema)}.${identifier(name)}`;
}

/** The name of a view of the pipeline. */
export function viewName({ pipeline }: Pick<StorePlan, "pipeline">, name: string): string {
  return `transform.${identifier(`${pipeline}_${name}`)}`;
}
