import { type FunctionName, REQUESTS } from "../../supabase/functions/_shared/requests.ts";
import { type Flag, flagsOf } from "./flags.ts";

/** What a shell takes as it is. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/**
 * The command that sends a request, to be copied into a shell: what `readFlags` reads, backwards.
 *
 * @param request The function's body; fields that are undefined, and switches that are as usual, are
 * left out.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   commandLine("rollback", { runId: 7, confirm: true, tables: ["clients", "sites"] }),
 *   "deno task supabase functions invoke rollback --run-id 7 --confirm --tables clients,sites",
 * );
 * ```
 */
export function commandLine(
  name: FunctionName,
  request: Readonly<Record<string, unknown>> = {},
): string {
  const flags = flagsOf(REQUESTS[name]).flatMap((flag) => {
    const value = request[flag.field];
    if (value === undefined) return [];
    if (flag.kind === "switch") return value === flag.on ? [] : [flag.spelling];
    const values = flag.kind === "repeated" ? value as unknown[] : [value];
    return values.flatMap((each) => [flag.spelling, textOf(flag, each)]);
  });
  return ["deno task supabase functions invoke", name, ...flags].join(" ");
}

function textOf({ kind }: Flag, value: unknown): string {
  const text = kind === "list"
    ? (value as string[]).join(",")
    : kind === "map"
    ? Object.entries(value as object).map((pair) => pair.join("=")).join(",")
    : String(value);
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
