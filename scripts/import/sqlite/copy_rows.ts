import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import type { Transaction } from "../../database/in_transaction.ts";
import { CopyBuffer } from "./copy_buffer.ts";
import { type Copy, copyHeader, openCopy } from "../staging/open_copy.ts";
import type { TablePlan } from "./plan_table.ts";
import { quoted } from "../staging/quoted.ts";
import type { TargetColumn } from "./row_encoder.ts";

/** Enough to keep Postgres at work while the next rows are read. */
const FRAME_BYTES = 256 * 1024;
/** A row's fault: data errors, constraints, an index entry that is too large. */
const ROWS_FAULT = /^(22|23|54)/;

/** A table that is being filled. */
export interface CopyRows extends AsyncDisposable {
  /** Where rows are written to. */
  readonly buffer: CopyBuffer;
  /** Sends what was written, when it is enough. */
  send(): Promise<void>;
  /** Sends everything and ends the COPY; a row written later begins another. */
  end(): Promise<void>;
}

/**
 * Fills a staging table by COPY in binary format.
 *
 * @throws LF011 when the table refuses a row, by table and constraint.
 */
export function copyRows(
  transaction: Transaction,
  { staging, existing }: TablePlan,
  columns: readonly TargetColumn[],
): CopyRows {
  const buffer = new CopyBuffer();
  const list = columns.map(({ name }) => quoted(name)).join(", ");
  const statement = `copy staging.${quoted(staging)} (${list}) from stdin (format binary)`;
  let copy: Copy | undefined;
  const flush = async () => {
    if (!copy) {
      copy = await openCopy(transaction, statement);
      await copy.write(copyHeader());
    }
    await copy.write(buffer.take());
  };
  const explained = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      throw refusal(error, staging, existing?.uniques ?? {});
    }
  };
  return {
    buffer,
    send: async () => {
      if (buffer.length >= FRAME_BYTES) await explained(flush);
    },
    end: () =>
      explained(async () => {
        if (!copy && buffer.length === 0) return;
        buffer.row(-1);
        await flush();
        await copy!.end();
        copy = undefined;
      }),
    [Symbol.asyncDispose]: async () => await copy?.[Symbol.asyncDispose](),
  };
}

function refusal(
  error: unknown,
  staging: string,
  uniques: Readonly<Record<string, readonly string[]>>,
): unknown {
  const { code = "", message, constraint_name: constraint = "" } = error as {
    code?: string;
    message: string;
    constraint_name?: string;
  };
  if (!ROWS_FAULT.test(code)) return error;
  const key = Object.hasOwn(uniques, constraint) ? uniques[constraint] : undefined;
  return new LandfallError(
    "LF011",
    key
      ? `Cannot import into staging.${staging}: several rows have the same ${key.join(", ")}`
      : `Cannot import into staging.${staging}: it refuses a row`,
    {
      // a message names constraints and columns; values stand in its detail
      details: `${message}.`,
      hint: "Nothing is loaded. Mend the file, or leave the constraint to the rules of the " +
        "pipeline.",
      cause: error,
    },
  );
}
