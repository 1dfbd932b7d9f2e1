import type { Engine } from "../../supabase/functions/_shared/engine.ts";
import type { DocumentSink } from "../../supabase/functions/_shared/sinks/document_sink.ts";
import type { Setup } from "./documents.ts";

/** A worker that dies at a step, and from there on does nothing any more. */
export interface Dying {
  readonly engine: Engine;
  readonly sink: DocumentSink;
  isDead(): boolean;
}

/** What a worker does that others can see: it may die before each, and after. */
const CALLS = [
  "takeDocuments",
  "noteDocuments",
  "settleDocuments",
  "notePruned",
  "settlePruned",
  "takeRollback",
  "settleRollback",
] as const;

/**
 * Makes a worker over the engine and the sink of a test.
 *
 * @param at The step at which it dies: before a call takes effect, after it did and before the reply
 * is there, or between two documents of a write.
 */
export function dying({ bare, sink }: Pick<Setup, "bare" | "sink">, at: number): Dying {
  let steps = 0;
  let dead = false;
  const step = () => {
    if (steps++ === at) dead = true;
    if (dead) throw new Error("the worker is dead");
  };
  const engine = { ...bare } as Record<string, unknown>;
  engine.releaseDocuments = () => Promise.resolve(null);
  for (const name of CALLS) {
    const call = bare[name] as (...given: unknown[]) => Promise<unknown>;
    engine[name] = async (...given: unknown[]) => {
      step();
      const reply = await call(...given);
      step();
      return reply;
    };
  }
  return {
    engine: engine as unknown as Engine,
    sink: {
      ...sink,
      write: async (collection, writes) => {
        sink.beforeWrite = step;
        try {
          const failures = await sink.write(collection, writes);
          step();
          return failures;
        } finally {
          sink.beforeWrite = () => {};
        }
      },
    },
    isDead: () => dead,
  };
}
