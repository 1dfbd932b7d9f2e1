import { parseArgs } from "@std/cli/parse-args";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";

/** Which rejects are exported, and where to. */
export interface ExportFlags {
  /** The pipeline; left out, that of the run, or kv. */
  readonly pipeline?: string;
  /** Only what this run rejected. */
  readonly runId?: number;
  /** Only rejects of this entity. */
  readonly entity?: string;
  /** A file to make; left out, standard output. */
  readonly output?: string;
}

export const USAGE = "deno task rejects export [--pipeline kv] [--run-id N] " +
  "[--entity products] [--output file.ndjson]";

/**
 * Reads the flags of `rejects export`.
 *
 * @throws LF008 for wrong usage.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readExportFlags(["--run-id", "7", "--entity", "orders"]), {
 *   pipeline: undefined,
 *   runId: 7,
 *   entity: "orders",
 *   output: undefined,
 * });
 * ```
 */
export function readExportFlags(args: readonly string[]): ExportFlags {
  const wrong = (message: string) =>
    new LandfallError("LF008", message, { hint: `Usage: ${USAGE}.` });
  const names = ["pipeline", "run-id", "entity", "output"] as const;
  const flags = parseArgs([...args], {
    string: [...names],
    unknown: (arg: string, flag?: string) => {
      throw wrong(flag === undefined ? `Unknown argument ${arg}` : `Unknown flag ${arg}`);
    },
  }) as Partial<Record<(typeof names)[number], string>>;

  for (const name of names) if (flags[name] === "") throw wrong(`--${name} needs a value`);
  const { pipeline, entity, output, "run-id": run } = flags;
  const runId = run === undefined ? undefined : Number(run);
  if (runId !== undefined && !(Number.isSafeInteger(runId) && runId > 0)) {
    throw wrong("--run-id needs a whole number of at least 1");
  }
  return { pipeline, runId, entity, output };
}
