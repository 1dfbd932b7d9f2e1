/** A program that runs, known by the port it listens on. */
export interface Program extends AsyncDisposable {
  readonly port: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly exited: Promise<unknown>;
}

/** A part of a stack whose program may be killed and started again; disposing it ends it. */
export class Part<Running extends Program> implements AsyncDisposable {
  readonly #start: () => Promise<Running>;
  #running: Running;

  private constructor(start: () => Promise<Running>, running: Running) {
    this.#start = start;
    this.#running = running;
  }

  static async start<Running extends Program>(
    start: () => Promise<Running>,
  ): Promise<Part<Running>> {
    return new Part(start, await start());
  }

  get running(): Running {
    return this.#running;
  }

  /** Waits until the program, which has been killed, is gone, and starts another. */
  async again(): Promise<void> {
    await this.#running.exited;
    await this.#running[Symbol.asyncDispose]();
    this.#running = await this.#start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
  }
}
