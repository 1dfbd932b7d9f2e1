import type { PipelinePlan, Verdict } from "../plan/pipeline_plan.ts";
import { remark } from "../../sql/remark.ts";

/** Lists what has no form in Postgres, or needs a person, each with the original text. */
export function writeLeftOut({ verdicts }: PipelinePlan): string[] {
  const left = verdicts.filter(({ verdict, kind }) =>
    verdict === "left out" && kind !== "shadow table"
  );
  if (left.length === 0) return [];
  return [
    [
      "-- What of the file is not carried over, and why:",
      ...left.flatMap((verdict) => ["--", ...item(verdict)]),
    ].join("\n"),
  ];
}

function item({ table, kind, name, why, original }: Verdict): string[] {
  const place = table === undefined ? "" : ` of ${table}`;
  return [
    ...remark("", [`${kind} ${name}${place}: ${why}`]),
    ...(original ?? "").split(/\r\n|[\r\n]/).map((line) => `--   ${line}`.trimEnd()),
  ];
}
