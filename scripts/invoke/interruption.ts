/** What ends a process that may still clean up, and the exit code that tells the shell of it. */
const EXITS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const SIGNALS = Object.keys(EXITS) as (keyof typeof EXITS)[];

/**
 * Tells of Ctrl-C, of a terminal that closes and of a request to end, so that what was begun is
 * cleaned up before the process ends.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners = SIGNALS.map((name) => ({
    name,
    listener: () => {
      this.#exit ??= EXITS[name];
      this.#controller.abort();
    },
  }));
  #exit: number | undefined;

  constructor() {
    for (const { name, listener } of this.#listeners) Deno.addSignalListener(name, listener);
  }

  /** Is aborted by the first of them. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code of the first; undefined as long as there was none. */
  get exit(): number | undefined {
    return this.#exit;
  }

  [Symbol.dispose](): void {
    for (const { name, listener } of this.#listeners) Deno.removeSignalListener(name, listener);
  }
}
