import { startPostgres } from "./postgres.ts";
const f = "/tmp/w/stack/pg";
await Deno.mkdir(f, { recursive: true });
await using pg = await startPostgres({ folder: f, password: "secret", port: 55999 });
await pg.exited;
