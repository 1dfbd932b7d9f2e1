import type { Engine } from "../engine.ts";
import { openSink } from "../sinks/open_sink.ts";
import { documentEngine } from "./document_engine.ts";

/** An engine, and what has to be closed when it is no longer needed. */
export interface ReachedEngine extends AsyncDisposable {
  readonly engine: Engine;
}

/**
 * The engine that can do a piece of work: of a pipeline that writes documents one that reaches them.
 *
 * @param work A report of the work, which tells what its pipeline writes.
 * @throws LF006 or LF015 when documents cannot be reached.
 */
export async function reachDocuments(
  engine: Engine,
  work: { readonly documents: boolean },
): Promise<ReachedEngine> {
  if (!work.documents) return { engine, [Symbol.asyncDispose]: () => Promise.resolve() };
  const sink = await openSink();
  return {
    engine: documentEngine(engine, sink),
    [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
  };
}
