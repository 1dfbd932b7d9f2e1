import { join } from "@std/path";
import { endOrphan } from "../../../stack/end_orphan.ts";
import { isLocked } from "../../../stack/folder_lock.ts";
import { reachableFolder } from "../../../stack/reachable_folder.ts";
import { unprivilegedUser } from "../../../stack/unprivileged_user.ts";
import { removeFolder } from "./remove_folder.ts";

/** How the names of scratch databases' folders begin. */
export const SCRATCH_PREFIX = "landfall-scratch-";

/** A folder is made and then locked: one that is younger may be about to be. */
const YOUNG_MS = 60_000;

/**
 * Removes the scratch databases of processes that were killed.
 *
 * Everybody may write to the folder for temporary files: nothing is touched that another user has
 * made, and nothing that is written in a folder says what is removed.
 *
 * @param parent The folder for temporary files.
 * @param own The folder of this process.
 */
export async function sweepScratch(parent: string, own: string): Promise<void> {
  for await (const { name } of Deno.readDir(parent)) {
    const folder = join(parent, name);
    if (!name.startsWith(SCRATCH_PREFIX) || folder === own) continue;
    try {
      const { isDirectory, uid, mtime } = await Deno.lstat(folder);
      if (!isDirectory || uid !== Deno.uid()) continue;
      const hasLock = await Deno.lstat(join(folder, "lock")).then(() => true, () => false);
      const young = Date.now() - (mtime?.getTime() ?? 0) < YOUNG_MS;
      if ((!hasLock && young) || await isLocked(folder)) continue;
      const used = await unprivilegedUser() ? await reachableFolder(folder) : folder;
      await endServers(used);
      if (used !== folder) await removeFolder(used);
      await removeFolder(folder);
    } catch {
      // another import was faster
    }
  }
}

async function endServers(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith("data-")) await endOrphan(join(folder, name));
  }
}
