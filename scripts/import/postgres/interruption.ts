/** Tells of Ctrl-C, so that what was begun is cleaned up before the process ends. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #interrupt = () => this.#controller.abort();

  constructor() {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(signal, this.#interrupt);
    }
  }

  /** Is aborted by the first Ctrl-C. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.removeSignalListener(signal, this.#interrupt);
    }
  }
}
