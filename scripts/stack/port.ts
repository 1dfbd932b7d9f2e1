/**
 * Below the ports that Linux (from 32768), macOS and Windows (from 49152) give to the near end of a
 * connection: a port of those can be taken by anybody's next request.
 */
const LISTENING = { from: 10_000, below: 32_768 };

/**
 * Picks a TCP port that nothing listens on, at random, so that stacks that start at the same moment
 * do not pick the same.
 */
export function freePort(): number {
  while (true) {
    const { from, below } = LISTENING;
    const port = from + Math.floor(Math.random() * (below - from));
    if (isFree(port)) return port;
  }
}

/**
 * Makes sure that a port can be listened on.
 *
 * @param flag What the user says to have another port.
 * @throws {Error} when another program listens on it.
 */
export function checkPort(port: number, flag: string): void {
  if (isFree(port)) return;
  throw new Error(`Port ${port} is taken by another program: name another with ${flag}`);
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return false;
  }
}
