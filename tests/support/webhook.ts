/** Somebody who is told the ends of runs. */
export interface Webhook extends AsyncDisposable {
  readonly url: string;
  /** What was told so far. */
  readonly told: { text: string; report: Record<string, unknown> }[];
}

/**
 * Listens as a chat tool does.
 *
 * @param answer What it answers; OK by default.
 */
export function startWebhook(
  answer: () => Response | Promise<Response> = () => new Response("ok"),
): Webhook {
  const told: Webhook["told"] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    told.push(await request.json());
    return await answer();
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/services/T0/s3cret`,
    told,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
