const code = (character: string) => character.charCodeAt(0);
const NEWLINE = code("\n");
const QUOTE = code("'");
const DOUBLE = code('"');
const DOLLAR = code("$");
const STAR = code("*");
const SLASH = code("/");
const DASH = code("-");
const BACKSLASH = code("\\");
const SEMICOLON = code(";");
const OPEN = code("(");
const CLOSE = code(")");

type State = "plain" | "string" | "name" | "dollar" | "line" | "block";

/** Words that begin a statement whose body may be SQL: `create [or replace] function`. */
const ROUTINE = /^create (or replace )?(function|procedure)\b/;
const ROUTINE_WORDS = 4;

const IS_WORD = new Uint8Array(256).map((_, byte) =>
  byte >= 0x80 || /[A-Za-z0-9_]/.test(String.fromCharCode(byte)) ? 1 : 0
);

/**
 * Finds where an SQL statement ends, as psql does, in bytes that arrive piece by piece.
 *
 * It knows strings, E-strings, dollar quotes, quoted names, nested comments, brackets and the
 * bodies of SQL functions. The encoding must be one in which ASCII is ASCII.
 */
export class SqlScanner {
  /** Whether a backslash escapes in ordinary strings (`standard_conforming_strings = off`). */
  backslashes = false;
  #state: State = "plain";
  #escapes = false;
  #tag: Uint8Array = new Uint8Array();
  #comments = 0;
  #brackets = 0;
  #closedTooOften = false;
  #words: string[] = [];
  #bodies = 0;
  #at = 0;

  /** Whether everything that was opened is closed, and nothing else is. */
  get balanced(): boolean {
    const ended = this.#state === "plain" || this.#state === "line";
    return ended && this.#brackets === 0 && !this.#closedTooOften;
  }

  /** Where the statement's first word begins; undefined as long as there are only blanks. */
  start: number | undefined;

  /** Begins another statement. */
  reset(): void {
    this.#state = "plain";
    this.#brackets = 0;
    this.#closedTooOften = false;
    this.#words = [];
    this.#bodies = 0;
    this.#at = 0;
    this.start = undefined;
  }

  /**
   * Reads on.
   *
   * @param bytes The statement from its beginning.
   * @param length How many bytes of it are there.
   * @param last Whether no more will come.
   * @param stopAtBackslash Whether to stop at a backslash, which begins a command of psql.
   * @returns The place behind the semicolon, or of the backslash; or −1 when more is needed.
   */
  scan(bytes: Uint8Array, length: number, last: boolean, stopAtBackslash = false): number {
    while (this.#at < length) {
      const before = this.#at;
      const end = this.#step(bytes, length, last, stopAtBackslash);
      if (end !== undefined) return end;
      if (this.#at === before) return -1;
    }
    return -1;
  }

  /** Reads a token or a part of one; reads nothing when it depends on what follows. */
  #step(bytes: Uint8Array, length: number, last: boolean, stops: boolean): number | undefined {
    switch (this.#state) {
      case "line": {
        const end = bytes.subarray(0, length).indexOf(NEWLINE, this.#at);
        this.#at = end < 0 ? length : end + 1;
        if (end >= 0) this.#state = "plain";
        return;
      }
      case "block":
        return this.#block(bytes, length, last);
      case "string":
      case "name":
        return this.#quoted(bytes, length, last);
      case "dollar":
        return this.#dollar(bytes, length, last);
      case "plain":
        return this.#plain(bytes, length, last, stops);
    }
  }

  #plain(bytes: Uint8Array, length: number, last: boolean, stops: boolean): number | undefined {
    let at = this.#at;
    while (at < length) {
      const byte = bytes[at]!;
      if (IS_WORD[byte]) {
        this.#at = at;
        return this.#word(bytes, length, last);
      }
      const next = bytes[at + 1];
      const known = at + 1 < length || last;
      switch (byte) {
        case QUOTE:
          this.start ??= at;
          return this.#open("string", at + 1, this.backslashes);
        case DOUBLE:
          this.start ??= at;
          return this.#open("name", at + 1);
        case DASH:
          if (!known) return this.#wait(at);
          if (next === DASH && at + 1 < length) return this.#comment("line", at + 2);
          break;
        case SLASH:
          if (!known) return this.#wait(at);
          if (next === STAR && at + 1 < length) {
            this.#comments = 1;
            return this.#comment("block", at + 2);
          }
          break;
        case DOLLAR: {
          const end = tagEnd(bytes, at, length);
          if (end === undefined && !last) return this.#wait(at);
          if (end === undefined || end < 0) break;
          this.start ??= at;
          this.#tag = bytes.slice(at, end);
          return this.#open("dollar", end);
        }
        case OPEN:
          this.#brackets++;
          break;
        case CLOSE:
          if (this.#brackets === 0) this.#closedTooOften = true;
          else this.#brackets--;
          break;
        case SEMICOLON:
          this.start ??= at;
          this.#at = at + 1;
          if (this.#brackets === 0 && this.#bodies === 0) return at + 1;
          return;
        case BACKSLASH:
          if (!stops) break;
          this.#at = at;
          return at;
      }
      if (byte > 0x20) this.start ??= at;
      at++;
    }
    this.#at = at;
  }

  #open(state: State, at: number, escapes = false): undefined {
    this.#state = state;
    this.#escapes = escapes;
    this.#at = at;
  }

  #comment(state: "line" | "block", at: number): undefined {
    this.#state = state;
    this.#at = at;
  }

  #wait(at: number): undefined {
    this.#at = at;
  }

  #word(bytes: Uint8Array, length: number, last: boolean): undefined {
    let end = this.#at;
    while (end < length && (IS_WORD[bytes[end]!] || bytes[end] === DOLLAR)) end++;
    if (end === length && !last) return;
    this.start ??= this.#at;
    const size = end - this.#at;
    const isEscape = size === 1 && (bytes[this.#at]! | 0x20) === 0x65;
    if (isEscape && bytes[end] === QUOTE && end < length) {
      return this.#open("string", end + 1, true);
    }
    // only the first words, and begin, case and end of a function's body, mean something
    if (this.#brackets === 0 && (this.#words.length < ROUTINE_WORDS || size <= 5)) {
      const word = String.fromCharCode(...bytes.subarray(this.#at, Math.min(end, this.#at + 20)))
        .toLowerCase();
      if (this.#words.length < ROUTINE_WORDS) this.#words.push(word);
      if (ROUTINE.test(this.#words.join(" "))) {
        if (word === "begin" || (word === "case" && this.#bodies > 0)) this.#bodies++;
        if (word === "end" && this.#bodies > 0) this.#bodies--;
      }
    }
    this.#at = end;
  }

  #quoted(bytes: Uint8Array, length: number, last: boolean): undefined {
    const mark = this.#state === "string" ? QUOTE : DOUBLE;
    for (let at = this.#at; at < length; at++) {
      const byte = bytes[at]!;
      if (byte === BACKSLASH && this.#escapes) {
        if (at + 1 >= length && !last) return this.#wait(at);
        at++;
      } else if (byte === mark) {
        if (at + 1 >= length && !last) return this.#wait(at);
        if (at + 1 < length && bytes[at + 1] === mark) at++;
        else {
          this.#state = "plain";
          return this.#wait(at + 1);
        }
      }
    }
    this.#at = length;
  }

  #block(bytes: Uint8Array, length: number, last: boolean): undefined {
    for (let at = this.#at; at < length; at++) {
      const [byte, next] = [bytes[at]!, bytes[at + 1]];
      if (byte !== STAR && byte !== SLASH) continue;
      if (at + 1 >= length) {
        this.#at = last ? length : at;
        return;
      }
      if (byte === STAR && next === SLASH) {
        at++;
        if (--this.#comments === 0) {
          this.#state = "plain";
          return this.#wait(at + 1);
        }
      } else if (byte === SLASH && next === STAR) {
        at++;
        this.#comments++;
      }
    }
    this.#at = length;
  }

  #dollar(bytes: Uint8Array, length: number, last: boolean): undefined {
    for (let at = this.#at;;) {
      at = bytes.subarray(0, length).indexOf(DOLLAR, at);
      if (at < 0) return this.#wait(length);
      if (at + this.#tag.length > length) return this.#wait(last ? length : at);
      if (this.#tag.every((byte, place) => bytes[at + place] === byte)) {
        this.#state = "plain";
        return this.#wait(at + this.#tag.length);
      }
      at++;
    }
  }
}

/** Where `$tag$` ends; −1 when it is none, undefined when more bytes must be seen. */
function tagEnd(bytes: Uint8Array, start: number, length: number): number | undefined {
  for (let at = start + 1; at < length; at++) {
    const byte = bytes[at]!;
    if (byte === DOLLAR) return at + 1;
    const isDigit = byte >= 0x30 && byte <= 0x39;
    if (!IS_WORD[byte] || (isDigit && at === start + 1)) return -1;
  }
  return undefined;
}
