import { join } from "@std/path";
import postgres from "postgres";
import type { Target } from "../../scripts/invoke/target.ts";
import { applyMigrations } from "../../scripts/stack/apply_migrations.ts";
import { startFunctions } from "../../scripts/stack/functions.ts";
import { startGateway } from "../../scripts/stack/gateway.ts";
import { newKeys } from "../../scripts/stack/keys.ts";
import { freePort } from "../../scripts/stack/port.ts";
import { startPostgres } from "../../scripts/stack/postgres.ts";
import { startPostgrest } from "../../scripts/stack/postgrest.ts";
import { temporaryFolder } from "../../scripts/stack/temporary_folder.ts";
import { descendants } from "../scripts/processes.ts";
import type { HttpService } from "../../scripts/stack/http_service.ts";
import { listenerOn } from "./listener_on.ts";
import { Part, type Program } from "./part.ts";
import { isAway } from "./is_away.ts";

/** A stack whose parts can be killed, and started again while the others run. Linux only. */
export interface BreakableStack extends AsyncDisposable {
  /** Where a caller finds the functions. */
  readonly target: Target;
  /** Queries as the owner; a connection that broke is made anew. */
  readonly sql: postgres.Sql;
  /** Kills Postgres, its first process alone or with all others, and starts it on its data. */
  breakPostgres(which: "alone" | "with all others"): Promise<void>;
  /** Kills one backend; Postgres ends the others, recovers and goes on by itself. */
  breakBackend(): Promise<void>;
  /** Kills PostgREST and starts another. */
  breakPostgrest(): Promise<void>;
  /** Kills the process of the edge functions and starts another. */
  breakFunctions(): Promise<void>;
}

/**
 * Starts the parts of a stack one by one, with an empty database and the migrations.
 *
 * The functions reach PostgREST, and a caller the functions, through a gateway each, so that one
 * can be cut off without the other. Commits wait for the disk as on the platform; only what a crash
 * of the operating system would lose is not written at once (fsync).
 */
export async function startBreakableStack(): Promise<BreakableStack> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await temporaryFolder({ fast: true })).path;
  const keys = newKeys();
  const [databasePort, innerPort, outerPort] = [freePort(), freePort(), freePort()];
  const innerUrl = `http://127.0.0.1:${innerPort}`;
  const nowhere = "http://127.0.0.1:0";

  const database = starting.use(
    await Part.start(() =>
      startPostgres({
        folder,
        password: keys.databasePassword,
        port: databasePort,
        // two workers that want each other's places are not to wait for long
        settings: { fsync: "off", full_page_writes: "off", deadlock_timeout: "100ms" },
      })
    ),
  );
  const { url, major } = database.running;
  await applyMigrations(url());

  const rest = starting.use(
    await Part.start(async () => {
      const service = await startPostgrest({
        databaseUrl: url("authenticator"),
        jwtSecret: keys.jwtSecret,
        folder,
      });
      const routes = { keys, restUrl: service.url, functionsUrl: nowhere };
      return behind(service, startGateway({ ...routes, port: innerPort }));
    }),
  );
  const functions = starting.use(
    await Part.start(async () => {
      const service = await startFunctions({
        apiUrl: innerUrl,
        databaseUrl: url(),
        keys,
        folder,
      });
      const routes = { keys, restUrl: nowhere, functionsUrl: service.url };
      return behind(service, startGateway({ ...routes, port: outerPort }));
    }),
  );
  const sql = postgres(url(), { max: 2, onnotice: () => {} });
  starting.defer(() => sql.end({ timeout: 0 }));

  globalThis.addEventListener("unhandledrejection", forgiveDriver);
  starting.defer(() => globalThis.removeEventListener("unhandledrejection", forgiveDriver));

  const serverProcess = async () =>
    Number(
      (await Deno.readTextFile(join(folder, `data-${major}`, "postmaster.pid"))).split("\n")[0],
    );
  const running = starting.move();
  return {
    target: { url: `http://127.0.0.1:${outerPort}`, secretKey: keys.secretKey },
    sql,
    async breakPostgres(which) {
      const server = await serverProcess();
      kill([server, ...which === "alone" ? [] : await descendants(server)]);
      await database.again();
    },
    async breakBackend() {
      const [backend] = await sql<{ pid: number }[]>`
        select pid
        from pg_stat_activity
        where usename = 'authenticator'
        order by state = 'active' desc, xact_start
        limit 1`;
      kill([backend!.pid]);
    },
    async breakPostgrest() {
      kill([await listenerOn(rest.running.port)]);
      await rest.again();
    },
    async breakFunctions() {
      kill([await listenerOn(functions.running.port)]);
      await functions.again();
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** A new connection asks for types by a query of the driver's own, whose failure nobody can catch. */
function forgiveDriver(event: PromiseRejectionEvent): void {
  if (isAway(event.reason)) event.preventDefault();
}

/** An HTTP service and the gateway through which it is reached. */
function behind(service: HttpService, gateway: AsyncDisposable): Program {
  return {
    port: Number(new URL(service.url).port),
    exited: service.exited,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
    },
  };
}

/** Ends processes at once, as a crash does; one may have ended already. */
function kill(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
