import { statementKind, type TableName } from "./statement_kind.ts";

/** What a command of psql means for reading tables. */
export type CommandKind =
  | { readonly kind: "skip" }
  | { readonly kind: "connect" }
  /** It runs another file. */
  | { readonly kind: "include" }
  /** Its rows are in a file. */
  | { readonly kind: "elsewhere"; readonly into: TableName }
  | { readonly kind: "encoding"; readonly encoding: string };

/**
 * Decides what is to be done with a command of psql.
 *
 * @param command With its backslash.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(commandKind("\\restrict xNcMh2"), { kind: "skip" });
 * assertEquals(commandKind("\\ir more.sql"), { kind: "include" });
 * ```
 */
export function commandKind(command: string): CommandKind {
  const [, name = "", rest = ""] = /^\\(\w+)\s*(.*)/.exec(command) ?? [];
  switch (name) {
    case "c":
    case "connect":
      return { kind: "connect" };
    case "i":
    case "ir":
    case "include":
    case "include_relative":
      return { kind: "include" };
    case "copy": {
      const kind = statementKind(`copy ${rest}`);
      return "into" in kind ? { kind: "elsewhere", into: kind.into } : { kind: "skip" };
    }
    case "encoding":
      return rest === "" ? { kind: "skip" } : { kind: "encoding", encoding: rest };
    default:
      return { kind: "skip" };
  }
}
