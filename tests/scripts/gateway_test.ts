import { assertEquals } from "@std/assert";
import { startGateway } from "../../scripts/stack/gateway.ts";
import { newKeys } from "../../scripts/stack/keys.ts";
import { freePort } from "../../scripts/stack/port.ts";
import { createDatabase } from "../support/database.ts";
import { startApi } from "../support/stack.ts";

Deno.test("the gateway turns API keys into roles, and keeps unknown keys out (LF002)", async () => {
  await using database = await createDatabase();
  await database.sql.unsafe(`
    create function public.who() returns text language sql stable as 'select current_user';
  `);
  await using api = await startApi(database);
  const { secretKey, publishableKey } = api.keys;
  const who = async (headers: HeadersInit) => {
    const response = await fetch(`${api.url}/rest/v1/rpc/who`, { headers });
    const body = await response.json();
    return response.ok ? body : `${response.status} ${body.code}`;
  };

  assertEquals(await who({ apikey: secretKey }), "service_role");
  assertEquals(await who({ apikey: publishableKey }), "anon");
  assertEquals(
    await who({ apikey: secretKey, authorization: `Bearer ${secretKey}` }),
    "service_role",
  );
  assertEquals(await who({}), "401 LF002");
  assertEquals(await who({ apikey: "sb_secret_of_another_stack" }), "401 LF002");
  assertEquals(await who({ authorization: `Bearer ${secretKey}` }), "401 LF002");
  assertEquals(
    await who({ apikey: publishableKey, authorization: "Bearer nobody" }),
    "401 PGRST301",
  );
});

Deno.test("the gateway serves edge functions and nothing else (LF003)", async () => {
  await using database = await createDatabase();
  await using api = await startApi(database);
  const code = async (path: string) => {
    const response = await fetch(`${api.url}${path}`);
    return `${response.status} ${(await response.json()).code}`;
  };

  assertEquals(await code("/functions/v1/no-such-function"), "404 LF003");
  assertEquals(await code("/functions/v1/_shared"), "404 LF003");
  assertEquals(await code("/functions/v1/"), "404 LF003");
  assertEquals(await code("/functions/v1/..%2f..%2fscripts"), "404 LF003");
  assertEquals(await code("/storage/v1/bucket"), "404 LF003");
});

Deno.test("the gateway streams both ways, and passes on that the caller has gone", async () => {
  const gone = Promise.withResolvers<void>();
  await using test = startEcho(() => gone.resolve());
  const sent = new TransformStream<Uint8Array>();
  const writer = sent.writable.getWriter();

  const answer = fetch(test.url, { method: "POST", body: sent.readable });
  await writer.write(new TextEncoder().encode("one"));
  const reader = (await answer).body!.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals(await reader.read(), { done: false, value: "one" });
  await writer.write(new TextEncoder().encode("two"));
  assertEquals(await reader.read(), { done: false, value: "two" });

  await reader.cancel();
  await gone.promise;
  await writer.abort().catch(() => {}); // the request ended with its answer
});

/** A gateway in front of a function that sends back what it is sent, at once. */
function startEcho(onCancel: () => void): AsyncDisposable & { readonly url: string } {
  const echo = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const reader = request.body!.getReader();
    return new Response(
      new ReadableStream({
        async pull(controller) {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: onCancel,
      }),
    );
  });
  const port = freePort();
  const gateway = startGateway({
    port,
    keys: newKeys(),
    restUrl: "http://127.0.0.1:1",
    functionsUrl: `http://127.0.0.1:${echo.addr.port}`,
  });
  return {
    url: `http://127.0.0.1:${port}/functions/v1/echo`,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await echo.shutdown();
    },
  };
}
