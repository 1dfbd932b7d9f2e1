import { Buffer } from "node:buffer";
import { LandfallError } from "../../../../supabase/functions/_shared/errors.ts";
import { SqlScanner } from "./sql_scanner.ts";

/** What a script consists of. */
export type ScriptPart =
  /** A statement with its semicolon, without the comments before it. */
  | { readonly kind: "statement"; readonly bytes: Uint8Array }
  /** A command of psql, such as `\connect shop`. */
  | { readonly kind: "command"; readonly text: string };

/** A statement that is longer is none: a value has at most one gigabyte, twice that as hex. */
const LONGEST = 1_500_000_000;
/** What is kept of a script's end, where pg_dump says that it is complete. */
const TAIL = 4096;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const DOT = 0x2e;
const RETURN = 0x0d;
const SEMICOLON = 0x3b;
const END_OF_ROWS = "\n\\.";

/**
 * Reads a script of SQL part by part, with no more in memory than one statement.
 *
 * After a statement `copy … from stdin;` its rows must be read with {@linkcode data}.
 */
export class SqlReader {
  readonly scanner = new SqlScanner();
  readonly #chunks: AsyncIterator<Uint8Array>;
  #bytes = new Uint8Array(256 * 1024);
  #start = 0;
  #end = 0;
  #last = false;
  #tail = new Uint8Array();

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#chunks = bytes[Symbol.asyncIterator]();
  }

  /** The end of what was read so far. */
  get tail(): string {
    return new TextDecoder().decode(this.#tail);
  }

  /** The next part; undefined at the end. @throws LF011 when the script ends within a statement. */
  async next(): Promise<ScriptPart | undefined> {
    this.scanner.reset();
    for (;;) {
      const here = this.#bytes.subarray(this.#start, this.#end);
      const last = this.#last;
      const end = this.scanner.scan(here, here.length, last, true);
      if (end >= 0 && here[end] === BACKSLASH && here[end - 1] !== SEMICOLON) {
        return await this.#command(end);
      }
      if (end >= 0) {
        this.#start += end;
        return { kind: "statement", bytes: here.subarray(this.scanner.start, end) };
      }
      if (here.length > LONGEST) throw broken("a statement has no end");
      if (!last) {
        await this.#more();
        continue;
      }
      if (this.scanner.start === undefined && this.scanner.balanced) return undefined;
      throw broken("it ends in the middle of a statement");
    }
  }

  /**
   * The rows that follow a COPY, up to the line `\.`; each piece is to be used before the next.
   *
   * @throws LF011 when the script ends within them.
   */
  async *data(): AsyncGenerator<Uint8Array> {
    await this.#skipLine();
    // how much is held of a line whose end was not seen
    let begun = 0;
    for (;;) {
      // it always begins with a line
      const here = this.#bytes.subarray(this.#start, this.#end);
      const last = this.#last;
      const end = endOfRows(Buffer.from(here.buffer, here.byteOffset, here.length), begun, last);
      const newline = here.subarray(begun).lastIndexOf(NEWLINE);
      const rows = end?.rows ?? (newline < 0 ? 0 : begun + newline + 1);
      this.#start += end?.next ?? rows;
      begun = here.length - rows;
      if (rows > 0) yield here.subarray(0, rows);
      if (end) return;
      if (last) throw broken("it ends in the middle of a table's rows");
      await this.#more();
    }
  }

  /** Ends the reading, also before the script's end. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #command(place: number): Promise<ScriptPart> {
    this.#start += place;
    for (;;) {
      const here = this.#bytes.subarray(this.#start, this.#end);
      const end = here.indexOf(NEWLINE);
      if (end >= 0 || this.#last) {
        const line = here.subarray(0, end < 0 ? here.length : end);
        this.#start += Math.min(line.length + 1, here.length);
        return { kind: "command", text: new TextDecoder().decode(line).trim() };
      }
      await this.#more();
    }
  }

  async #skipLine(): Promise<void> {
    for (;;) {
      const end = this.#bytes.subarray(this.#start, this.#end).indexOf(NEWLINE);
      if (end >= 0) {
        this.#start += end + 1;
        return;
      }
      this.#start = this.#end;
      if (!await this.#more()) throw broken("it ends in the middle of a table's rows");
    }
  }

  /** Reads another piece behind what is held. */
  async #more(): Promise<boolean> {
    if (this.#last) return false;
    const { value, done } = await this.#chunks.next();
    if (done) {
      this.#last = true;
      return false;
    }
    this.#keepTail(value);
    const held = this.#end - this.#start;
    if (this.#end + value.length > this.#bytes.length) {
      const room = held + value.length;
      const target = room > this.#bytes.length ? new Uint8Array(room * 2) : this.#bytes;
      target.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = target;
      this.#start = 0;
      this.#end = held;
    }
    this.#bytes.set(value, this.#end);
    this.#end += value.length;
    return true;
  }

  #keepTail(piece: Uint8Array): void {
    if (piece.length >= TAIL) {
      this.#tail = piece.slice(-TAIL);
      return;
    }
    const joined = new Uint8Array(this.#tail.length + piece.length);
    joined.set(this.#tail);
    joined.set(piece, this.#tail.length);
    this.#tail = joined.slice(-TAIL);
  }
}

/**
 * Where the line `\.` begins, and what comes behind it; undefined as long as it is not seen.
 *
 * @param from Before it, no line ends.
 */
function endOfRows(
  bytes: Buffer,
  from: number,
  last: boolean,
): { rows: number; next: number } | undefined {
  const isFirst = bytes[0] === BACKSLASH && bytes[1] === DOT;
  let at = isFirst ? 0 : bytes.indexOf(END_OF_ROWS, from) + 1;
  while (at > 0 || isFirst) {
    const rest = bytes.subarray(at + 2, at + 4);
    if (rest[0] === NEWLINE) return { rows: at, next: at + 3 };
    if (rest[0] === RETURN && rest[1] === NEWLINE) return { rows: at, next: at + 4 };
    const whole = rest.length === 0 || (rest.length === 1 && rest[0] === RETURN);
    if (whole) return last ? { rows: at, next: bytes.length } : undefined;
    const next = bytes.indexOf(END_OF_ROWS, Math.max(at, from));
    if (next < 0) return undefined;
    at = next + 1;
  }
  return undefined;
}

function broken(why: string): LandfallError {
  return new LandfallError("LF011", `The dump cannot be read: ${why}`, {
    details: "It was cut off, or damaged.",
    hint: "Nothing was changed. Dump the database again, and see that pg_dump ends without error.",
  });
}
