/**
 * The most memory that a process has held at a time, as Linux counts it.
 *
 * @returns Bytes; null on other systems.
 */
export async function peakMemory(pid: number): Promise<number | null> {
  if (Deno.build.os !== "linux") return null;
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}
