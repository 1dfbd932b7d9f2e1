/** Lists the processes that a process has started, and that those have started. Linux only. */
export async function descendants(pid: number): Promise<number[]> {
  const children: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (/^\d+$/.test(name) && parentOf(Number(name)) === pid) children.push(Number(name));
  }
  const further = await Promise.all(children.map(descendants));
  return [...children, ...further.flat()];
}

/** Whether a process has not ended. */
export function isAlive(pid: number): boolean {
  return parentOf(pid) !== undefined;
}

/** The parent, by /proc/<pid>/stat: `12 (a name) S 1 …`; nobody's child has ended, or is about to. */
function parentOf(pid: number): number | undefined {
  try {
    const [state, parent] = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ").at(-1)!.split(
      " ",
    );
    return state === "Z" ? undefined : Number(parent);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
