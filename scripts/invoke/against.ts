import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import type { AgainstReport } from "../verify/compare_file.ts";
import { EXIT } from "./exit_code.ts";
import { takeFlag } from "./take_flag.ts";

/**
 * Takes `--against <file>` out of the flags of `verify`: the file is here, and the function is not.
 *
 * @throws LF008 for a flag without a file, or given to another function.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(takeAgainst("verify", ["--pipeline", "shop", "--against", "app.db"]), {
 *   against: "app.db",
 *   rest: ["--pipeline", "shop"],
 * });
 * ```
 */
export function takeAgainst(
  name: string,
  flags: readonly string[],
): { against: string | undefined; rest: string[] } {
  const { value: against, rest } = takeFlag("against", "a file", flags);
  if (against !== undefined && name !== "verify") {
    throw new LandfallError("LF008", `Function ${name} has no flag --against`, {
      hint: "Write verify --pipeline <name> --against <SQLite file>.",
    });
  }
  return { against, rest };
}

/**
 * The exit code of a comparison with a file: 4 when a row differs, or a table is unknown, 3 when all is explained but a row
 * of the file has no target, 0 when every row stands there as the file has it.
 */
export function exitOfAgainst({ entities, unknown }: AgainstReport): number {
  if (unknown.length > 0 || entities.some(({ differences }) => differences.length > 0)) {
    return EXIT.different;
  }
  return entities.some(({ rows, same }) => same < rows) ? EXIT.rejects : EXIT.clean;
}
