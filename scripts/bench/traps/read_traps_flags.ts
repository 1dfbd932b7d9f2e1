import { parseArgs } from "@std/cli/parse-args";
import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";

/** How the traps are set. */
export interface TrapsFlags {
  /** Whether pgloader is left out, though it may be there. */
  readonly alone: boolean;
  readonly json: boolean;
}

/**
 * Reads the flags of `bench traps`.
 *
 * @throws LF008 for wrong usage.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readTrapsFlags(["--landfall-only"]), { alone: true, json: false });
 * ```
 */
export function readTrapsFlags(args: readonly string[]): TrapsFlags {
  const flags = parseArgs([...args], {
    boolean: ["landfall-only", "json"],
    unknown: (arg: string) => {
      throw new LandfallError("LF008", `Unknown argument ${arg}`, {
        hint: "Usage: deno task bench traps [--landfall-only] [--json].",
      });
    },
  }) as Record<string, unknown>;
  return { alone: flags["landfall-only"] === true, json: flags.json === true };
}
