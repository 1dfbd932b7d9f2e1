/**
 * Finds a program that this process started, directly or not.
 *
 * @param program The path it was started by.
 * @param argument Stands in its command line.
 * @returns Its process id; undefined when there is none, and on systems other than Linux.
 */
export async function findProcess(
  program: string,
  argument: string,
): Promise<number | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  const parents = new Map<number, number>();
  const named: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const pid = Number(name);
    const [stat, command] = await Promise.all([read(pid, "stat"), read(pid, "cmdline")]);
    // the parent stands behind the program's name, which is in brackets and may hold anything
    parents.set(pid, Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    if (command.startsWith(`${program}\0`) && command.includes(argument)) named.push(pid);
  }
  const isOurs = (pid: number | undefined): boolean =>
    pid !== undefined && pid !== 0 && (pid === Deno.pid || isOurs(parents.get(pid)));
  return named.find(isOurs);
}

/** A process may end at any moment; then there is nothing to read. */
async function read(pid: number, file: string): Promise<string> {
  try {
    return await Deno.readTextFile(`/proc/${pid}/${file}`);
  } catch (error) {
    const gone = error instanceof Deno.errors.NotFound ||
      (error as { code?: string }).code === "ESRCH";
    if (!gone) throw error;
    return "";
  }
}
