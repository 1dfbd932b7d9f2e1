/** A document that is to be written, as the engine gives it out. */
export interface WriteOperation {
  /** The hash of the document as it is to be. */
  readonly hash: string;
  /** The hashes of what only this run can have written in its place. */
  readonly attempted: readonly string[];
  /** Whether a before image is kept. */
  readonly noted: boolean;
  /** Whether an earlier run has written it. */
  readonly known: boolean;
  /** Whether a worker who is gone may have written it. */
  readonly pending: boolean;
  /** The hashes of what may be there and is the engine's own. */
  readonly ours: readonly string[];
}

/** What to do with a document that is there and not ours, or has changed since. */
export type OnExisting = "reject" | "keep" | "update";

/** What is to happen with a document. Before a replacement its before image may have to be kept. */
export type WriteDecision =
  | { readonly action: "insert" }
  | { readonly action: "replace"; readonly outcome: Written; readonly note: boolean }
  | { readonly action: "nothing"; readonly outcome: Written | "kept"; readonly note: boolean }
  | { readonly action: "reject"; readonly reason: string };

/** How a written document is counted. */
export type Written = "inserted" | "updated";

/**
 * Decides what happens with a document, by what is there.
 *
 * @param there The hash of the document that is there; undefined when none is.
 *
 * @example A worker died after it had inserted the document
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const operation = {
 *   hash: "7",
 *   attempted: ["7"],
 *   noted: false,
 *   known: false,
 *   pending: true,
 *   ours: ["7"],
 * };
 *
 * assertEquals(decideWrite(operation, "7", "reject", "tasks"), {
 *   action: "nothing",
 *   outcome: "inserted",
 *   note: false,
 * });
 * ```
 */
export function decideWrite(
  { hash, attempted, noted, known, pending, ours }: WriteOperation,
  there: string | undefined,
  onExisting: OnExisting,
  collection: string,
): WriteDecision {
  if (there === undefined) {
    if (!known || pending || onExisting === "update") return { action: "insert" };
    return {
      action: "reject",
      reason: `its document in ${collection} is gone: deleted since it was written`,
    };
  }
  if (ours.includes(there)) {
    // what this run wrote itself is nobody's before image; without one, nothing was there
    const mine = attempted.includes(there);
    const outcome = known && (noted || !mine) ? "updated" : "inserted";
    const note = known && !mine;
    return there === hash
      ? { action: "nothing", outcome, note }
      : { action: "replace", outcome, note };
  }
  switch (onExisting) {
    case "keep":
      return { action: "nothing", outcome: "kept", note: false };
    case "update":
      return there === hash
        ? { action: "nothing", outcome: "updated", note: true }
        : { action: "replace", outcome: "updated", note: true };
    case "reject":
      return {
        action: "reject",
        reason: known
          ? `its document in ${collection} has changed since it was written`
          : `${collection} has this document already, and Landfall did not write it`,
      };
  }
}
