/** A user of the operating system, by number. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Names the user to run Postgres as: it refuses to run as root.
 *
 * @returns `undefined` when this process is not root and Postgres may run as the same user.
 */
export async function unprivilegedUser(): Promise<User | undefined> {
  if (Deno.uid() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = await Promise.all([idOf("-u", name), idOf("-g", name)]);
    if (uid && gid) return { uid, gid };
  }
  throw new Error(
    "Cannot run Postgres as root, and there is no user postgres or nobody to run it as: " +
      "create one, for example with `useradd --system postgres`",
  );
}

async function idOf(kind: "-u" | "-g", name: string): Promise<number | undefined> {
  const { success, stdout } = await new Deno.Command("id", { args: [kind, name], stderr: "null" })
    .output();
  return success ? Number(new TextDecoder().decode(stdout)) : undefined;
}
