import type postgres from "postgres";
import { paint } from "../paint.ts";

/** Shows one record with several faults, and that its reject names them all. */
export async function sampleReject(sql: postgres.Sql, runId: number): Promise<string[]> {
  const [reject] = await sql<{ source_key: string; reasons: string[] }[]>`
    select source_key, reasons
    from landfall.rejects
    where run_id = ${runId}
    order by abs(cardinality(reasons) - 3), source_key
    limit 1
  `;
  return [
    `All reasons of a reject, for example of ${paint("cyan", reject!.source_key)}:`,
    ...reject!.reasons.map((reason) => `- ${reason}`),
  ];
}
