import { parseArgs } from "@std/cli/parse-args";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";

/** Where documents go, and which. */
export interface ExportFlags {
  readonly pipeline: string;
  /** The folder that the files are made in. */
  readonly out: string;
  readonly gzip: boolean;
  /** Only these entities. */
  readonly tables?: readonly string[];
  readonly maxChildren?: number;
  /** Print the manifest alone. */
  readonly json: boolean;
}

export const USAGE = "deno task export documents --pipeline <name> " +
  "[--out <folder> [--gzip] | --to <mongodb-url>] [--tables a,b] [--max-children N] [--json]";

const MOST_CHILDREN = 100_000;

/**
 * Reads the flags of an export into files.
 *
 * @throws LF008 for wrong usage.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readExportFlags(["--pipeline", "tracker", "--out", "dump", "--gzip"]), {
 *   pipeline: "tracker",
 *   out: "dump",
 *   gzip: true,
 *   json: false,
 * });
 * ```
 */
export function readExportFlags(args: readonly string[]): ExportFlags {
  const wrong = (message: string) =>
    new LandfallError("LF008", message, { hint: `Usage: ${USAGE}.` });
  const texts = ["pipeline", "out", "tables", "max-children"] as const;
  const flags = parseArgs([...args], {
    string: [...texts],
    boolean: ["gzip", "json"],
    unknown: (arg: string, flag?: string) => {
      throw wrong(
        flag === undefined ? `Unknown argument ${arg}` : `--out does not go with --${flag}`,
      );
    },
  }) as Partial<Record<(typeof texts)[number], string>> & { gzip: boolean; json: boolean };

  for (const name of texts) if (flags[name] === "") throw wrong(`--${name} needs a value`);
  const { pipeline, out, gzip, json } = flags;
  if (pipeline === undefined) throw wrong("--pipeline is missing");
  if (out === undefined) throw wrong("--out is missing");
  const tables = flags.tables?.split(",").map((name) => name.trim()).filter(Boolean);
  const children = flags["max-children"];
  const maxChildren = children === undefined ? undefined : Number(children);
  if (maxChildren !== undefined && !(/^\d+$/.test(children!) && maxChildren <= MOST_CHILDREN)) {
    throw wrong(`--max-children needs a whole number from 0 to ${MOST_CHILDREN}`);
  }
  return {
    pipeline,
    out,
    gzip,
    ...(tables && { tables }),
    ...(maxChildren !== undefined && { maxChildren }),
    json,
  };
}
