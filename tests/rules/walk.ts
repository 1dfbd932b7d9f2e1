import { projectFolder } from "../../scripts/stack/local_folder.ts";

/** The paths of all files below a folder of the project, from its root. */
export async function walk(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${projectFolder}/${folder}`)) {
    const path = `${folder}/${name}`;
    if (isDirectory) paths.push(...await walk(path));
    else paths.push(path);
  }
  return paths.sort();
}
