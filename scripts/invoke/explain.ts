import type { RunReport } from "../../supabase/functions/_shared/replies.ts";
import { nextStep } from "./next_step.ts";
import { optionsText } from "./options_text.ts";
import type { Runner } from "./runner.ts";

/**
 * Says what the summary leaves out: the options the run was done with, how fast each entity went,
 * and what to do next.
 *
 * @param name The function that runs the pipeline.
 */
export function explain(report: RunReport, name: Runner): string[] {
  const rates = report.entities.flatMap(({ entity, source, durationMs }) => {
    if (!durationMs) return [];
    const rate = Math.round(source / (durationMs / 1_000)).toLocaleString("en-US");
    return [`${entity}: ${rate} rows/s`];
  });
  return [
    `options  ${optionsText(report.options)}`,
    `rates    ${rates.join(", ") || "too quick to tell"}`,
    `next     ${nextStep(report, name)}`,
  ];
}
