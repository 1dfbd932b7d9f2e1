import { unprivilegedUser } from "../../scripts/stack/unprivileged_user.ts";

/** A disk in memory that is soon full; disposing it unmounts it. */
export interface SmallDisk extends AsyncDisposable {
  /** An empty folder on it, which belongs to whoever runs Postgres. */
  readonly path: string;
  /** Makes it larger, or smaller: as `mount` takes a size, such as "64m". */
  resize(size: string): Promise<void>;
}

/**
 * Mounts a small disk, for Postgres to fill.
 *
 * @param size As `mount` takes it, such as "2m".
 * @returns Undefined where only others may mount: root on Linux can, unless a container forbids it.
 */
export async function smallDisk(size: string): Promise<SmallDisk | undefined> {
  const user = Deno.build.os === "linux" ? await unprivilegedUser() : undefined;
  if (!user) return undefined;
  const folder = await Deno.makeTempDir({ prefix: "landfall-disk-" });
  const mounted = await mount("-t", "tmpfs", "-o", `size=${size},mode=777`, "tmpfs", folder);
  if (!mounted) {
    await Deno.remove(folder);
    return undefined;
  }
  const path = `${folder}/space`;
  await Deno.mkdir(path);
  await Deno.chown(path, user.uid, user.gid);
  return {
    path,
    async resize(size) {
      if (!await mount("-o", `remount,size=${size}`, folder)) throw new Error("Cannot resize");
    },
    async [Symbol.asyncDispose]() {
      await new Deno.Command("umount", { args: ["--lazy", folder] }).output();
      await Deno.remove(folder).catch(() => {});
    },
  };
}

async function mount(...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command("mount", { args, stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
