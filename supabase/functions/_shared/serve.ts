import { ErrorCodeHeader, withSupabase } from "@supabase/server";
import type { StreamEvent } from "./replies.ts";
import type { RequestSchema, z } from "./requests.ts";
import { type Engine, engineOver } from "./engine.ts";
import { LandfallError } from "./errors.ts";
import { readRequest } from "./read_request.ts";
import { replyOnce, replyStreamed } from "./reply.ts";
import { settle } from "./settle.ts";

/** What an operation works with. */
export interface Call {
  readonly engine: Engine;
  /** Tells a caller who listens how the work goes. */
  readonly emit: (event: StreamEvent) => void;
  /** Aborted when a caller who listened has gone. */
  readonly signal: AbortSignal;
}

/**
 * Wraps a typed operation as an HTTP handler for callers with the secret key.
 *
 * A caller who accepts `application/x-ndjson` is sent the events while the work goes on, one JSON
 * a line; the last line is the report, or the failure.
 *
 * @param name The function's name, for the log.
 *
 * @example
 * ```ts
 * import { StatusRequest } from "./requests.ts";
 *
 * const handler = serve("status", StatusRequest, ({ pipeline }, { engine }) => engine.status(pipeline));
 * ```
 */
export function serve<Schema extends RequestSchema>(
  name: string,
  schema: Schema,
  operation: (request: z.infer<Schema>, call: Call) => Promise<unknown>,
): (request: Request) => Promise<Response> {
  const door = withSupabase({ auth: "secret", cors: "disabled" }, (request, { supabaseAdmin }) => {
    const engine = engineOver(supabaseAdmin);
    const work = (listener: Omit<Call, "engine">) =>
      settle(name, async () => {
        const input = readRequest(schema, await readBody(name, request));
        return await operation(input, { engine, ...listener });
      });
    const streamed = request.headers.get("accept")?.includes("application/x-ndjson");
    return streamed ? replyStreamed(work) : replyOnce(work);
  });

  return async (request) => {
    const response = await door(request);
    if (!response.headers.has(ErrorCodeHeader)) return response;
    return replyOnce(() => settle(name, () => turnAway(response)));
  };
}

async function readBody(name: string, request: Request): Promise<unknown> {
  if (request.method !== "POST") {
    throw new LandfallError("LF004", `Function ${name} takes POST, not ${request.method}`, {
      hint: "Send the request as a JSON object in the body of a POST.",
    });
  }
  const body = await request.text();
  if (body.trim() === "") return {};
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new LandfallError("LF001", "The request's body is not JSON", {
      details: cause instanceof Error ? cause.message : null,
      hint: `Send a JSON object, such as {"dryRun":true}.`,
    });
  }
}

/** Says in our own shape why @supabase/server let nobody in. */
async function turnAway(response: Response): Promise<never> {
  const { message, hint } = await response.json();
  const details = String(message).replace(/^\[@supabase\/server\]\s*/, "");
  if (response.status === 401) {
    throw new LandfallError("LF002", "Not authorised: this function needs a secret key", {
      details,
      hint: "Send the project's secret key, sb_secret_…, in the header apikey.",
    });
  }
  throw new LandfallError("LF006", "The function is not configured", { details, hint });
}
