import { fromFileUrl, join } from "@std/path";
import { freePort } from "./port.ts";
import { type HttpService, startHttpService } from "./http_service.ts";
import type { Keys } from "./keys.ts";
import { projectFolder } from "./local_folder.ts";

/** What the edge functions are told about the stack they belong to. */
export interface FunctionsOptions {
  /** The gateway's URL, SUPABASE_URL to a function. */
  readonly apiUrl: string;
  /** A connection URL as `postgres`. */
  readonly databaseUrl: string;
  readonly keys: Keys;
  /** An existing folder for the log. */
  readonly folder: string;
  /** More environment, as a project's own secrets are on the platform. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/**
 * Serves all edge functions of the project from one Deno process, at `<url>/<name>`.
 *
 * @throws {Error} when the process does not come up, with the end of its log.
 */
export async function startFunctions(options: FunctionsOptions): Promise<HttpService> {
  const { apiUrl, databaseUrl, keys, folder, secrets } = options;
  const port = freePort();
  return await startHttpService(`http://127.0.0.1:${port}`, {
    command: Deno.execPath(),
    args: [
      "run",
      "--quiet",
      "--allow-all",
      `--config=${join(projectFolder, "deno.json")}`,
      fromFileUrl(new URL("serve_functions.ts", import.meta.url)),
      String(port),
    ],
    env: {
      ...inherited(),
      SUPABASE_URL: apiUrl,
      SUPABASE_DB_URL: databaseUrl,
      SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishableKey }),
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secretKey }),
      SUPABASE_JWKS: JSON.stringify({ keys: [] }),
      ...secrets,
    },
    log: join(folder, "functions.log"),
    stopSignal: "TERM",
  });
}

/** This process's environment, such as proxies, less what is said of another project. */
function inherited(): Record<string, string> {
  const variables = Object.entries(Deno.env.toObject());
  return Object.fromEntries(variables.filter(([name]) => !name.startsWith("SUPABASE_")));
}
