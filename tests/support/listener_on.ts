import { descendants } from "../scripts/processes.ts";

/**
 * Finds the process that listens on a port of 127.0.0.1, among those this process has started.
 * Linux only.
 */
export async function listenerOn(port: number): Promise<number> {
  const socket = await socketOn(port);
  for (const pid of await descendants(Deno.pid)) {
    for await (const link of links(`/proc/${pid}/fd`)) {
      if (link === `socket:[${socket}]`) return pid;
    }
  }
  throw new Error(`No process of this test listens on port ${port}`);
}

/** The inode, by /proc/net/tcp: `1: 0100007F:D431 00000000:0000 0A …`; 0A is a listener. */
async function socketOn(port: number): Promise<string | undefined> {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = (await Deno.readTextFile("/proc/net/tcp")).split("\n").map((line) =>
    line.trim().split(/\s+/)
  );
  return rows.find((row) => row[1] === address && row[3] === "0A")?.[9];
}

/** Where the symbolic links of a folder lead; they come and go while they are read. */
async function* links(folder: string): AsyncGenerator<string> {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      yield await Deno.readLink(`${folder}/${name}`);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
