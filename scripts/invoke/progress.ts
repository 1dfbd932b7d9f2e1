import { progressLine } from "./progress_line.ts";

const CLEAR_LINE = "\r\x1b[2K";
/** How often a line is printed where nobody watches it move. */
const QUIET_MS = 10_000;

/**
 * A bar on standard error that moves in a terminal, and a line now and then elsewhere.
 *
 * It holds the terminal's last line until it is disposed of.
 */
export class Progress implements Disposable {
  readonly #terminal = Deno.stderr.isTerminal();
  #start: { at: number; done: number } | undefined;
  #printedAt = performance.now();

  /** Shows how many source rows of the run are done. */
  update({ done, total }: { readonly done: number; readonly total: number }): void {
    const now = performance.now();
    this.#start ??= { at: now, done };
    const quiet = !this.#terminal && now - this.#printedAt < QUIET_MS;
    if (quiet) return;
    const { at, done: doneBefore } = this.#start;
    const line = progressLine({ done, total, doneBefore, elapsedMs: now - at });
    this.#write(this.#terminal ? CLEAR_LINE + line : `${line}\n`);
    this.#printedAt = now;
  }

  /** Prints a line of text above the bar. */
  note(text: string): void {
    this.#write(`${this.#terminal ? CLEAR_LINE : ""}${text}\n`);
  }

  [Symbol.dispose](): void {
    if (this.#terminal) this.#write(CLEAR_LINE);
  }

  #write(text: string): void {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  }
}
