import { statfs } from "node:fs/promises";

/** A folder that is removed with all it holds when it is disposed of. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/** Linux keeps in memory what is written here. */
const MEMORY = "/dev/shm";
/** A container often has 64 MB of it. */
const ENOUGH_BYTES = 4 * 1024 ** 3;

/**
 * Makes a folder for one test run. Others may enter it, as Postgres may run as another user.
 *
 * @param options.fast Whether it is to be in memory, where there is enough of it.
 */
export async function temporaryFolder(
  { fast = false }: { readonly fast?: boolean } = {},
): Promise<TemporaryFolder> {
  const dir = fast && await hasRoom(MEMORY) ? MEMORY : undefined;
  const path = await Deno.makeTempDir({ dir, prefix: "landfall-" });
  await Deno.chmod(path, 0o711);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

async function hasRoom(folder: string): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize > ENOUGH_BYTES;
  } catch {
    // no such folder: an ordinary one will do
    return false;
  }
}
