import { fromFileUrl, join, resolve } from "@std/path";

/** The project's folder. */
export const projectFolder: string = fromFileUrl(new URL("../..", import.meta.url));

/** The ignored folder for what stays on this machine. */
export const privateFolder: string = join(projectFolder, ".landfall");

/** Where the project's own stack keeps its data; LANDFALL_FOLDER names another place. */
export const localFolder: string = resolve(Deno.env.get("LANDFALL_FOLDER") ?? privateFolder);
