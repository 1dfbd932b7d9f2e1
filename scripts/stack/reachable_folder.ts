import { dirname, join } from "@std/path";

/**
 * Makes a folder that every user of the machine can enter, for programs that run as another user.
 *
 * A project in root's home cannot be entered by the user Postgres runs as, so its database is kept
 * in /var/lib/landfall then.
 *
 * @param folder Where the files would best be; made when missing.
 * @returns That folder, or one for it in /var/lib/landfall.
 */
export async function reachableFolder(folder: string): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  if (await isReachable(folder)) return folder;
  const substitute = join("/var/lib/landfall", await shortHash(folder));
  await Deno.mkdir(substitute, { recursive: true });
  for (const made of [dirname(substitute), substitute]) await Deno.chmod(made, 0o755);
  return substitute;
}

/** Whether every user can enter a folder and all those on the way to it. */
export async function isReachable(folder: string): Promise<boolean> {
  const { mode } = await Deno.stat(folder);
  const open = ((mode ?? 0) & 0o001) !== 0;
  const parent = dirname(folder);
  return open && (parent === folder || await isReachable(parent));
}

async function shortHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex().slice(0, 12);
}
