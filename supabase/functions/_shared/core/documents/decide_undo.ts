/** A document that is to be undone, as the engine gives it out. */
export interface UndoOperation {
  /** The hashes of what may be there and is the engine's own. */
  readonly ours: readonly string[];
  /** The hashes of what was there before; none where nothing was. */
  readonly beforeHashes: readonly string[];
  /** What was there before, to the byte; null where it was not replaced. */
  readonly before: string | null;
  /** What is to be done when the document is still as it was written. */
  readonly action: "delete" | "restore" | "reinsert" | "release";
  /** Why the document has to stay, whatever it looks like. */
  readonly left: string | null;
}

/** What is to happen with a document. */
export type UndoDecision =
  | { readonly action: "delete" | "restore" }
  | { readonly action: "nothing"; readonly outcome: "restored" | "released" }
  | { readonly action: "leave"; readonly reason: string };

const CHANGED = { action: "leave", reason: "it was changed since" } as const;

/**
 * Decides how a document is undone, by what is there.
 *
 * @param there The hash of the document that is there; undefined when none is.
 * @param force Whether changes since are undone, too.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const operation = { ours: ["7"], beforeHashes: [], before: null, action: "delete", left: null } as const;
 *
 * assertEquals(decideUndo(operation, "7", false), { action: "delete" });
 * assertEquals(decideUndo(operation, "8", false), { action: "leave", reason: "it was changed since" });
 * assertEquals(decideUndo(operation, undefined, false), { action: "nothing", outcome: "released" });
 * ```
 */
export function decideUndo(
  { ours, beforeHashes, before, action, left }: UndoOperation,
  there: string | undefined,
  force: boolean,
): UndoDecision {
  if (left !== null) return { action: "leave", reason: left };
  const asBefore = there !== undefined && beforeHashes.includes(there);
  switch (action) {
    case "release":
      return { action: "nothing", outcome: "released" };
    case "delete":
      if (there === undefined) return { action: "nothing", outcome: "released" };
      return force || ours.includes(there) ? { action: "delete" } : CHANGED;
    case "reinsert":
      if (asBefore) return { action: "nothing", outcome: "restored" };
      if (there === undefined) return { action: "restore" };
      return { action: "leave", reason: "another document has taken its place" };
    case "restore":
      if (asBefore) return { action: "nothing", outcome: "restored" };
      // a worker died: it replaced nothing, or wrote where nothing was
      if (before === null) {
        if (there === undefined) return { action: "nothing", outcome: "restored" };
        return ours.includes(there) ? { action: "delete" } : CHANGED;
      }
      if (there === undefined) {
        return force ? { action: "restore" } : { action: "leave", reason: "it was deleted since" };
      }
      return force || ours.includes(there) ? { action: "restore" } : CHANGED;
  }
}
