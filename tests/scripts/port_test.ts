import { assert } from "@std/assert";
import { freePort } from "../../scripts/stack/port.ts";

Deno.test("freePort() names no port that a connection could take meanwhile", () => {
  for (let i = 0; i < 200; i++) {
    const port = freePort();
    assert(port >= 1024 && port < 32_768, `${port} is privileged, or one of the system's own`);
    Deno.listen({ hostname: "127.0.0.1", port }).close();
  }
});
