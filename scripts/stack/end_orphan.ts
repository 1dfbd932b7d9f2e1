import { join } from "@std/path";
import { ignoreMissing } from "./ignore_missing.ts";

/**
 * Makes a data folder free that a crash left behind.
 *
 * A server that outlived the process that started it is asked to end. A lock file whose process is
 * gone, or is another program that got its number since, is removed; Postgres alone would refuse
 * to start in the second case.
 *
 * @param data The data folder, which no other stack is starting on.
 */
export async function endOrphan(data: string): Promise<void> {
  const lock = join(data, "postmaster.pid");
  const pid = await ownerOf(lock);
  if (pid === undefined) return;

  if (await isServer(pid, data)) Deno.kill(pid, "SIGINT");
  for (let tries = 0; tries < 300 && await isServer(pid, data); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (await isServer(pid, data)) {
    throw new Error(`Postgres is still running on ${data}: end process ${pid} and start again`);
  }
  await Deno.remove(lock).catch(ignoreMissing);
}

async function ownerOf(lock: string): Promise<number | undefined> {
  try {
    return Number((await Deno.readTextFile(lock)).split("\n")[0]);
  } catch (error) {
    ignoreMissing(error);
  }
}

/** Whether the process is a Postgres that was started on this folder. */
async function isServer(pid: number, data: string): Promise<boolean> {
  return (await commandLine(pid)).includes(data);
}

async function commandLine(pid: number): Promise<string> {
  if (Deno.build.os === "linux") {
    return await Deno.readTextFile(`/proc/${pid}/cmdline`).catch((error) => {
      ignoreMissing(error);
      return "";
    });
  }
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "command=", "-p", `${pid}`] })
    .output();
  return new TextDecoder().decode(stdout);
}
