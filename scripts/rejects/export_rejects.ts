import { inTransaction, type Transaction } from "../database/in_transaction.ts";
import { findEntities } from "./find_entities.ts";
import { openOutput } from "../files/open_output.ts";
import { type ExportFlags, readExportFlags } from "./read_flags.ts";

/** Rows held at a time; a row may be large. */
const ROWS = 100;

/** What was written. */
interface Exported {
  readonly pipeline: string;
  readonly count: number;
  /** False when whoever read it had enough. */
  readonly whole: boolean;
}

/**
 * Writes the open rejects of a pipeline or a run as lines
 * `{"entity": …, "key": …, "reasons": […], "value": …}`, to be corrected and imported again.
 *
 * They are those of one moment, parents first, then by key. The value is the legacy row as the
 * reject keeps it: without its secret fields, and null when it was not kept.
 *
 * @param args The flags, as typed.
 * @throws LF008 for wrong usage, LF101, LF201 and LF204 for what there is not.
 */
export async function exportRejects(args: readonly string[]): Promise<void> {
  const flags = readExportFlags(args);
  const exported = await inTransaction((transaction) => write(transaction, flags), "snapshot");
  if (exported.whole) console.error(summary(exported, flags));
}

async function write(transaction: Transaction, flags: ExportFlags): Promise<Exported> {
  // a role that may not see all rejects is to hear of it
  await transaction`set local row_security = off`;
  const { pipeline, entities } = await findEntities(transaction, flags);
  await using output = await openOutput(flags.output);
  let count = 0;
  let whole = true;
  for (const entity of entities) {
    if (!whole) break;
    for await (const lines of rejectsOf(transaction, entity, flags.runId)) {
      whole = await output.write(lines.map(({ line }) => `${line}\n`).join(""));
      if (!whole) break;
      count += lines.length;
    }
  }
  output.keep();
  return { pipeline, count, whole };
}

/** The lines are made in SQL: JSON.parse() would round long numbers. */
function rejectsOf(
  transaction: Transaction,
  entity: { readonly id: number; readonly name: string },
  runId: number | null = null,
): AsyncIterable<{ line: string }[]> {
  return transaction<{ line: string }[]>`
    select format(
      '{"entity":%s,"key":%s,"reasons":%s,"value":%s}',
      to_json(${entity.name}::text),
      to_json(source_key),
      to_json(reasons),
      coalesce(source_row::text, 'null')
    ) as line
    from (
      select distinct on (source_key) source_key, reasons, source_row
      from landfall.rejects
      where entity_id = ${entity.id}
        and settled_by is null
        and (${runId}::bigint is null or run_id = ${runId}::bigint)
      order by source_key, run_id desc
    ) as open_rejects
    order by source_key
  `.cursor(ROWS);
}

function summary({ pipeline, count }: Exported, { runId, entity, output }: ExportFlags): string {
  const number = count === 0 ? "No" : count.toLocaleString("en-US");
  const of = runId === undefined ? `pipeline ${pipeline}` : `run ${runId}`;
  const only = entity === undefined ? "" : `, entity ${entity}`;
  const to = output === undefined ? "" : `, in ${output}`;
  return `${number} open ${count === 1 ? "reject" : "rejects"} of ${of}${only}${to}.`;
}
