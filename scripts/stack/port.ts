/**
 * Picks a TCP port that nothing listens on.
 *
 * Another process can take it before it is used, which is rare: the operating system hands out
 * free ports in turn.
 */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/**
 * Makes sure that a port can be listened on.
 *
 * @param flag What the user says to have another port.
 * @throws {Error} when another program listens on it.
 */
export function checkPort(port: number, flag: string): void {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new Error(`Port ${port} is taken by another program: name another with ${flag}`);
  }
}
