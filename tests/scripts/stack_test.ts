import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import postgres from "postgres";
import { freePort } from "../../scripts/stack/port.ts";
import { type RunningStack, runningStack } from "../../scripts/stack/running_stack.ts";
import { temporaryFolder } from "../../scripts/stack/temporary_folder.ts";
import { descendants, isAlive } from "./processes.ts";
import { type Ended, interruptScript, runScript } from "./run_script.ts";

Deno.test("deno task start serves a stack that the other commands find", async (t) => {
  await using test = await setup();

  await t.step("the first start applies the migrations", async () => {
    const { code, stdout } = await test.start();
    assertEquals(code, 0, stdout);
    const applied = await test.query`select version from supabase_migrations.schema_migrations`;
    assert(applied.length > 0);
  });

  await t.step("status -o env prints its values", async () => {
    const { apiUrl, databaseUrl, publishableKey, secretKey } = await test.stack();
    const { stdout } = await test.run("supabase.ts", ["status", "-o", "env"]);
    assertEquals(stdout.trimEnd().split("\n"), [
      `API_URL="${apiUrl}"`,
      `DB_URL="${databaseUrl}"`,
      `PUBLISHABLE_KEY="${publishableKey}"`,
      `SECRET_KEY="${secretKey}"`,
    ]);
  });

  await t.step("a second start says that it runs, and where", async () => {
    const { code, stdout } = await test.start();
    assertEquals(code, 0);
    assertStringIncludes(stdout, "already running");
    assertStringIncludes(stdout, (await test.stack()).apiUrl);
  });

  await t.step("db reset is seen by the Data API", async () => {
    await test.query`create table public.forgotten (id int primary key)`;
    const { code, stderr } = await test.run("supabase.ts", ["db", "reset"]);
    assertEquals(code, 0, stderr);
    assertEquals((await test.get("/rest/v1/forgotten")).status, 404);
  });

  await t.step("db advisors has nothing to warn of", async () => {
    const { code, stdout } = await test.run("supabase.ts", ["db", "advisors", "--fail-on", "warn"]);
    assertEquals(code, 0, stdout);
  });

  await t.step("stop ends it, and says so when there is none", async () => {
    assertStringIncludes((await test.run("stop.ts")).stdout, "has ended");
    assertEquals(await runningStack(test.folder), undefined);
    assertStringIncludes((await test.run("stop.ts")).stdout, "No stack is running");
  });
});

Deno.test({
  name: "deno task start leaves no process behind when it is killed, and no data is lost",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using test = await setup();
    await test.start();
    await test.query`create table public.kept as select 1 as id`;
    const { pid, secretKey } = await test.stack();
    const processes = await descendants(pid);
    assert(processes.length >= 3);

    Deno.kill(pid, "SIGKILL");
    await until(() => processes.every((each) => !isAlive(each)));

    assertEquals(await runningStack(test.folder), undefined);
    const { code, stdout } = await test.start();
    assertEquals(code, 0, stdout);
    assertEquals([...await test.query`select id from public.kept`], [{ id: 1 }]);
    assertEquals((await test.stack()).secretKey, secretKey);
  },
});

Deno.test("deno task start ends well on Ctrl-C", async () => {
  await using test = await setup();

  const { code, stdout } = await test.interrupt();

  assertEquals(code, 0);
  assertStringIncludes(stdout, "API_URL");
  assertEquals(await runningStack(test.folder), undefined);
});

Deno.test("deno task start says which port is taken, and by which flag it is changed", async () => {
  await using test = await setup();
  using _api = Deno.listen({ hostname: "127.0.0.1", port: test.apiPort });

  const { code, stderr } = await test.start();

  assertEquals(code, 1);
  assertMatch(stderr, new RegExp(`Port ${test.apiPort} is taken .* --api-port`));
});

Deno.test("deno task start takes no flag that it does not know", async () => {
  const { code, stderr } = await runScript("start.ts", ["--prot", "1"], {});

  assertEquals(code, 2);
  assertStringIncludes(stderr, "--prot");
  assertStringIncludes(stderr, "--api-port N");
});

interface Setup extends AsyncDisposable {
  readonly folder: string;
  readonly apiPort: number;
  /** The query function of a connection as `postgres`, for one query. */
  query(text: TemplateStringsArray): Promise<postgres.RowList<postgres.Row[]>>;
  get(path: string): Promise<Response>;
  run(script: string, args?: readonly string[]): Promise<Ended>;
  /** Starts the stack in the background. */
  start(): Promise<Ended>;
  /** Starts the stack in the foreground and ends it by Ctrl-C. */
  interrupt(): Promise<Ended>;
  stack(): Promise<RunningStack>;
}

/** A folder and ports for a stack of its own, which is stopped in the end. */
async function setup(): Promise<Setup> {
  const folder = await temporaryFolder();
  const [apiPort, databasePort] = [freePort(), freePort()];
  const env = { LANDFALL_FOLDER: folder.path };
  const run = (script: string, args: readonly string[] = []) => runScript(script, args, env);
  const isRunning = async () => await runningStack(folder.path) !== undefined;
  const stack = async () => (await runningStack(folder.path))!;
  const ports = [`--api-port=${apiPort}`, `--db-port=${databasePort}`];
  return {
    folder: folder.path,
    apiPort,
    run,
    stack,
    start: () => run("start.ts", ["--detach", ...ports]),
    interrupt: () => interruptScript("start.ts", ports, env, isRunning),
    async query(text) {
      const sql = postgres((await stack()).databaseUrl, { max: 1 });
      try {
        return await sql(text);
      } finally {
        await sql.end();
      }
    },
    async get(path) {
      const { apiUrl, secretKey } = await stack();
      const response = await fetch(`${apiUrl}${path}`, { headers: { apikey: secretKey } });
      await response.body?.cancel();
      return response;
    },
    async [Symbol.asyncDispose]() {
      await run("stop.ts");
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    assert(Date.now() < deadline, "it does not happen");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
