import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import type { Keys } from "./keys.ts";
import { withRole } from "./with_role.ts";

/** Where the gateway listens and what stands behind it. */
export interface GatewayOptions {
  readonly port: number;
  readonly keys: Keys;
  /** PostgREST's URL. */
  readonly restUrl: string;
  /** The edge functions' URL. */
  readonly functionsUrl: string;
}

/**
 * Serves Supabase's paths: /rest/v1/* is PostgREST, /functions/v1/<name> an edge function.
 *
 * As on the platform, an API key becomes a role only towards PostgREST; a function gets the
 * headers as they were sent and judges them itself. Bodies stream both ways.
 */
export function startGateway(options: GatewayOptions): AsyncDisposable {
  const { port, keys, restUrl, functionsUrl } = options;
  const ending = new AbortController();
  const listen = { hostname: "127.0.0.1", port, signal: ending.signal, onListen() {} };
  const server = Deno.serve(listen, async (request) => {
    const url = new URL(request.url);
    try {
      const rest = after("/rest/v1", url);
      if (rest !== undefined) {
        const headers = await withRole(request.headers, keys);
        return await forward(request, `${restUrl}${rest}`, headers, "PostgREST");
      }
      const name = after("/functions/v1", url);
      if (name !== undefined) {
        return await forward(request, `${functionsUrl}${name}`, request.headers, "The functions");
      }
      throw new LandfallError("LF003", `There is nothing at ${url.pathname}`, {
        hint: "The stack serves /rest/v1/ and /functions/v1/.",
      });
    } catch (error) {
      if (!(error instanceof LandfallError)) throw error;
      return Response.json(error, { status: error.failure.status });
    }
  });
  return {
    async [Symbol.asyncDispose]() {
      ending.abort(); // also the requests that are being answered
      await server.finished;
    },
  };
}

/** The rest of the path and the query, when the path begins so. */
function after(prefix: string, { pathname, search }: URL): string | undefined {
  if (pathname !== prefix && !pathname.startsWith(`${prefix}/`)) return undefined;
  return (pathname.slice(prefix.length) || "/") + search;
}

async function forward(
  request: Request,
  url: string,
  headers: Headers,
  who: string,
): Promise<Response> {
  const { method, body } = request;
  try {
    return await fetch(url, { method, headers, body, redirect: "manual" });
  } catch (cause) {
    throw new LandfallError("LF005", `${who} cannot be reached`, {
      cause,
      hint: "Its log is in .landfall. Restart the stack: deno task stop, deno task start.",
    });
  }
}
