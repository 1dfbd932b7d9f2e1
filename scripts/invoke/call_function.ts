import { FailureReply, StreamEvent } from "../../supabase/functions/_shared/replies.ts";
import { redact } from "../../supabase/functions/_shared/core/redact.ts";
import {
  type FailureCode,
  isFailureCode,
  LandfallError,
} from "../../supabase/functions/_shared/errors.ts";
import type { Target } from "./target.ts";

/** Who hears how the work goes, and may end it. */
export interface Listener {
  readonly onEvent: (event: StreamEvent) => void;
  readonly signal: AbortSignal;
}

/**
 * Calls an edge function and listens until its reply is there.
 *
 * @returns The reply, as the function gave it.
 * @throws The function's own failure; LF005 when nothing answers, or nothing to the end.
 */
export async function callFunction(
  target: Target,
  name: string,
  body: unknown,
  listener: Listener,
): Promise<unknown> {
  const response = await reach(target, name, body, listener.signal);
  if (!response.ok) throw await failureOf(response, name);
  if (!response.headers.get("content-type")?.includes("ndjson")) return await response.json();

  for await (const line of lines(response.body!, listener.signal)) {
    const event = StreamEvent.parse(JSON.parse(line));
    if (event.event === "failure") throw told(event.failure, "LF007");
    if (event.event === "report") return event.report;
    listener.onEvent(event);
  }
  throw brokenOff();
}

function brokenOff(cause?: unknown): LandfallError {
  return new LandfallError("LF005", "The function ended without a reply", {
    details: "The connection was closed in the middle, as when the function is ended.",
    hint: "Nothing is lost: what was begun can be continued.",
    cause,
  });
}

async function reach(
  target: Target,
  name: string,
  body: unknown,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await (target.fetch ?? fetch)(`${target.url}/functions/v1/${name}`, {
      method: "POST",
      headers: {
        "apikey": target.secretKey,
        "content-type": "application/json",
        "accept": "application/x-ndjson",
      },
      body: JSON.stringify(body),
      signal,
    });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new LandfallError("LF005", `Nothing answers at ${redact(target.url)}`, {
      details: cause instanceof Error ? redact(cause.message) : null,
      hint: "Start the local stack with deno task start, or correct SUPABASE_URL.",
      cause,
    });
  }
}

/** The failure that a reply tells; the platform's own replies have other shapes than ours. */
async function failureOf(response: Response, name: string): Promise<LandfallError> {
  const text = await response.text();
  const failure = FailureReply.safeParse(parse(text)).data;
  if (failure && isFailureCode(failure.code)) return told(failure, "LF007");

  const said = { details: `HTTP ${response.status}: ${redact(failure?.message ?? text)}`.trim() };
  switch (response.status) {
    case 401:
      return new LandfallError("LF002", "Not authorised: the secret key is refused", {
        ...said,
        hint: "Compare SUPABASE_SECRET_KEY with the project's API keys.",
      });
    case 404:
      return new LandfallError("LF003", `There is no function ${name}`, {
        ...said,
        hint: `Deploy it: deno task supabase functions deploy ${name}.`,
      });
    default:
      return new LandfallError("LF005", `Function ${name} did not answer`, {
        ...said,
        hint: "Nothing is lost: call again, with --run-id when a run has begun.",
      });
  }
}

function told(failure: FailureReply, otherwise: FailureCode): LandfallError {
  const code = isFailureCode(failure.code) ? failure.code : otherwise;
  return new LandfallError(code, failure.message, failure);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function* lines(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let rest = "";
  try {
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split("\n");
      rest = parts.pop()!;
      yield* parts.filter((part) => part !== "");
    }
  } catch (cause) {
    throw signal.aborted ? cause : brokenOff(cause);
  }
  if (rest !== "") yield rest;
}
