/**
 * The process that serves the edge functions, as the platform's runtime does: the first segment of
 * a path names the function, which is loaded when it is first called.
 *
 * Takes the port to listen on as its argument.
 *
 * @module
 */
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";

/** What supabase/functions/<name>/index.ts exports. */
interface EdgeFunction {
  fetch(request: Request): Response | Promise<Response>;
}

const FUNCTIONS = new URL("../../supabase/functions/", import.meta.url);

Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen() {} },
  async (request) => {
    const name = new URL(request.url).pathname.split("/")[1]!;
    const index = new URL(`${name}/index.ts`, FUNCTIONS);
    if (!await isFunction(name, index)) return noSuchFunction(name);
    const { default: edgeFunction }: { default: EdgeFunction } = await import(index.href);
    return await edgeFunction.fetch(request);
  },
);

async function isFunction(name: string, index: URL): Promise<boolean> {
  return /^[A-Za-z][A-Za-z0-9_-]*$/.test(name) &&
    await Deno.stat(index).then(() => true, () => false);
}

function noSuchFunction(name: string): Response {
  const error = new LandfallError("LF003", `There is no function "${name}"`, {
    hint: "The folders of supabase/functions are the functions there are.",
  });
  return Response.json(error, { status: error.failure.status });
}
