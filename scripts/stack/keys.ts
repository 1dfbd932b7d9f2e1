import { join } from "@std/path";

/** The secrets of one stack, made once and kept beside its data. */
export interface Keys {
  /** Role anon, for browsers. */
  readonly publishableKey: string;
  /** Role service_role, for servers. */
  readonly secretKey: string;
  /** What PostgREST checks tokens with. */
  readonly jwtSecret: string;
  /** Of every database role that may log in. */
  readonly databasePassword: string;
}

/** Reads the keys of a stack, or makes them when it is new. Only this user can read the file. */
export async function loadKeys(folder: string): Promise<Keys> {
  const file = join(folder, "keys.json");
  try {
    return JSON.parse(await Deno.readTextFile(file));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const keys = newKeys();
  await Deno.writeTextFile(file, JSON.stringify(keys, null, 2), { mode: 0o600, createNew: true });
  return keys;
}

/** Makes random keys that look like the platform's. */
export function newKeys(): Keys {
  return {
    publishableKey: `sb_publishable_${random(24)}`,
    secretKey: `sb_secret_${random(24)}`,
    jwtSecret: random(48),
    databasePassword: random(24),
  };
}

function random(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toBase64({ alphabet: "base64url" });
}
