import type { FunctionName } from "../../supabase/functions/_shared/requests.ts";

/** A function that starts and continues runs. */
export type Runner = Extract<FunctionName, "migrate" | "migrate-kv" | "export-documents">;

/**
 * The function that continues a run: the one that was called, if it can.
 *
 * @param called The function that told of the run.
 */
export function runnerOf(
  { documents }: { readonly documents: boolean },
  called?: FunctionName,
): Runner {
  if (documents) return "export-documents";
  return called === "migrate-kv" ? called : "migrate";
}
