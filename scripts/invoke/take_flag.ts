import { LandfallError } from "../../supabase/functions/_shared/errors.ts";

/**
 * Takes a flag with its value out of others.
 *
 * @param kind What the value is, for the words of a failure.
 * @throws LF008 for a flag without a value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(takeFlag("to", "a URL", ["--json", "--to", "mongodb://localhost/app"]), {
 *   value: "mongodb://localhost/app",
 *   rest: ["--json"],
 * });
 * ```
 */
export function takeFlag(
  name: string,
  kind: string,
  args: readonly string[],
): { value: string | undefined; rest: string[] } {
  const place = args.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  if (place < 0) return { value: undefined, rest: [...args] };
  const arg = args[place]!;
  const together = arg.includes("=");
  const value = together ? arg.slice(arg.indexOf("=") + 1) : args[place + 1];
  if (value === undefined || value === "" || value.startsWith("--")) {
    throw new LandfallError("LF008", `--${name} needs ${kind}`, {
      hint: `Write --${name} and ${kind} after it.`,
    });
  }
  return { value, rest: args.toSpliced(place, together ? 1 : 2) };
}
