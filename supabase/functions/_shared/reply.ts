import type { StreamEvent } from "./replies.ts";
import type { LandfallError } from "./errors.ts";
import type { Outcome } from "./settle.ts";

/** Who hears how the work goes. */
export interface Listener {
  readonly emit: (event: StreamEvent) => void;
  readonly signal: AbortSignal;
}

type Work = (listener: Listener) => Promise<Outcome>;

/** Answers when the work is done. It is done to the end, even when the caller has gone. */
export async function replyOnce(work: Work): Promise<Response> {
  const outcome = await work({ emit: () => {}, signal: new AbortController().signal });
  return outcome.kind === "reply" ? Response.json(outcome.reply) : failureReply(outcome.failure);
}

/**
 * Answers with the first event, and sends the others as they come.
 *
 * A failure before the first event is answered with its own status; later the status is sent
 * already and the failure is the last line.
 */
export async function replyStreamed(work: Work): Promise<Response> {
  const caller = new AbortController();
  const lines = new TransformStream<StreamEvent, Uint8Array>({ transform: writeLine });
  const writer = lines.writable.getWriter();
  const begun = Promise.withResolvers<undefined>();

  const send = (event: StreamEvent) => {
    begun.resolve(undefined);
    // a caller who has gone is no failure of the work
    writer.write(event).catch(() => caller.abort());
  };
  const done = work({ emit: send, signal: caller.signal });
  const early = await Promise.race([begun.promise, done]);
  if (early?.kind === "failure") return failureReply(early.failure);

  done.then((outcome) => {
    send(
      outcome.kind === "reply"
        ? { event: "report", report: outcome.reply }
        : { event: "failure", failure: outcome.failure.toJSON() },
    );
    return writer.close();
  }).catch(() => caller.abort());
  return new Response(lines.readable, { headers: { "content-type": "application/x-ndjson" } });
}

function writeLine(
  event: StreamEvent,
  controller: TransformStreamDefaultController<Uint8Array>,
): void {
  controller.enqueue(new TextEncoder().encode(`${JSON.stringify(event)}\n`));
}

function failureReply(failure: LandfallError): Response {
  return Response.json(failure, { status: failure.failure.status });
}
