import { Child, type ChildOptions } from "./child.ts";

/** A program that answers HTTP; disposing it ends it. */
export interface HttpService extends AsyncDisposable {
  readonly url: string;
  /** Resolves when the program has ended, for whatever reason. */
  readonly exited: Promise<number>;
}

/**
 * Starts a program and waits until it answers with anything but a server error.
 *
 * @param url Where it will answer.
 * @throws {Error} when it does not within half a minute, with the end of its log.
 */
export async function startHttpService(url: string, options: ChildOptions): Promise<HttpService> {
  await using starting = new AsyncDisposableStack();
  const child = starting.use(Child.start(options));
  const deadline = Date.now() + 30_000;
  while (await statusOf(url) >= 500) {
    if (!child.running || Date.now() > deadline) {
      throw new Error(`${options.command} does not answer:\n${await child.lastWords()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const running = starting.move();
  return { url, exited: child.exited, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Nobody there counts as 503, which is what PostgREST says while it reads the schema. */
async function statusOf(url: string): Promise<number> {
  return await fetch(url, { method: "HEAD" }).then((response) => response.status, () => 503);
}
