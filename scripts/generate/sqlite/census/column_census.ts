import type { Cell } from "../../../import/sqlite/exact_row.ts";
import { Buffer } from "node:buffer";
import { decimal } from "../../../import/sqlite/decimal.ts";
import { dateText } from "../../../verify/reading/date_text.ts";
import { isoTime } from "../../../verify/reading/iso_time.ts";
import { jsonbText } from "../../../verify/reading/jsonb_text.ts";
import type { Declaration } from "../plan/declaration.ts";
import { timeUnit, type Unit } from "./time_unit.ts";

/** What a text may be read as, beside a text. */
const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;
const INTEGER = /^\s*[+-]?\d{1,18}\s*$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const FINE = /\.\d{6}0*[1-9]/;
const BOOLEAN = /^(?:true|false|t|f|yes|no|y|n|on|off|0|1)$/i;
const TRUE_OR_FALSE = /^(?:true|false)$/i;

/** Bytes that a UTF-16 unit may take. */
const MOST_BYTES = 3;

/** The numbers that tell a time in one unit. */
interface Units {
  count: number;
  least: number;
  most: number;
}

/** Counts what the values of a column are, and what they could be read as. */
export class ColumnCensus {
  readonly #means: Declaration["means"];
  rows = 0;
  nulls = 0;
  integers = 0;
  zeros = 0;
  ones = 0;
  reals = 0;
  texts = 0;
  /** Texts without a character. */
  empty = 0;
  /** Characters of the longest text, and its bytes. */
  longest = 0;
  longestBytes = 0;
  blobs = 0;
  /** Texts that no text of Postgres can hold. */
  damaged = 0;
  /** Integers that a double precision would change. */
  inexact = 0;
  mostInteger: bigint | undefined;
  leastNumber = Infinity;
  mostNumber = -Infinity;
  /** Digits before and behind the point that all numbers need, where the column is meant for them. */
  wholeDigits = 0;
  decimals = 0;
  /** Numbers that tell a time, by their unit; numbers in texts, too. */
  readonly units: Readonly<Record<Unit, Units>> = {
    seconds: { count: 0, least: Infinity, most: -Infinity },
    milliseconds: { count: 0, least: Infinity, most: -Infinity },
    microseconds: { count: 0, least: Infinity, most: -Infinity },
    julian: { count: 0, least: Infinity, most: -Infinity },
  };
  readonly textsAs = {
    integer: 0,
    number: 0,
    uuid: 0,
    date: 0,
    time: 0,
    boolean: 0,
    trueOrFalse: 0,
    /** JSON: objects and arrays. */
    document: 0,
    /** JSON of any kind, where the column is meant for it. */
    json: 0,
  };
  /** Times with more than six decimals, which Postgres rounds. */
  fine = 0;
  firstTime: string | undefined;
  lastTime: string | undefined;

  /** @param means What the column is meant to hold: it decides what is looked at. */
  constructor(means: Declaration["means"]) {
    this.#means = means;
  }

  /** Values that are not NULL. */
  get values(): number {
    return this.rows - this.nulls;
  }

  /** Looks at one more value. */
  add(cell: Cell): void {
    this.rows++;
    if (cell === null) this.nulls++;
    else if (typeof cell === "string") this.#addText(cell);
    else if (typeof cell === "bigint") this.#addInteger(cell);
    else if (typeof cell === "number") this.#addReal(cell);
    else if (cell instanceof Uint8Array) this.blobs++;
    else this.damaged++;
  }

  #addInteger(cell: bigint): void {
    this.integers++;
    if (cell === 0n) this.zeros++;
    if (cell === 1n) this.ones++;
    if (this.mostInteger === undefined || cell > this.mostInteger) this.mostInteger = cell;
    const value = Number(cell);
    if (!Number.isSafeInteger(value) && BigInt(value) !== cell) this.inexact++;
    this.#addNumber(value);
    if (this.#means === "numeric") this.#addDigitsOf(cell.toString().replace("-", ""));
  }

  #addReal(cell: number): void {
    this.reals++;
    this.#addNumber(cell);
    if (this.#means === "numeric" && Number.isFinite(cell)) {
      this.#addDigitsOf(Math.abs(cell).toString());
    }
  }

  #addDigitsOf(number: string): void {
    const { whole, decimals } = decimal(number);
    this.wholeDigits = Math.max(this.wholeDigits, whole.replace(/^0+/, "").length);
    this.decimals = Math.max(this.decimals, decimals.length);
  }

  #addNumber(value: number): void {
    if (value < this.leastNumber) this.leastNumber = value;
    if (value > this.mostNumber) this.mostNumber = value;
    this.#addTime(value);
  }

  #addTime(value: number): void {
    const unit = timeUnit(value);
    if (unit === undefined) return;
    const times = this.units[unit];
    times.count++;
    if (value < times.least) times.least = value;
    if (value > times.most) times.most = value;
  }

  #addText(cell: string): void {
    this.texts++;
    if (cell === "") {
      this.empty++;
      return;
    }
    if (cell.length > this.longest) this.longest = Math.max(this.longest, [...cell].length);
    if (cell.length * MOST_BYTES > this.longestBytes) {
      this.longestBytes = Math.max(this.longestBytes, Buffer.byteLength(cell));
    }
    const as = this.textsAs;
    const first = cell.trimStart()[0] ?? "";
    if (first === "{" || first === "[") {
      if (jsonbText(cell) !== undefined) {
        as.json++;
        as.document++;
      }
      return;
    }
    if (cell.length <= 5 && BOOLEAN.test(cell)) {
      as.boolean++;
      if (TRUE_OR_FALSE.test(cell)) as.trueOrFalse++;
    }
    if (cell.length === 36 && UUID.test(cell)) as.uuid++;
    if (/[\d+.-]/.test(first)) this.#addDigits(cell);
    if (this.#means === "json" && jsonbText(cell) !== undefined) as.json++;
  }

  #addDigits(cell: string): void {
    const as = this.textsAs;
    if (INTEGER.test(cell)) as.integer++;
    if (NUMBER.test(cell)) {
      as.number++;
      this.#addTime(Number(cell));
    }
    const isDate = dateText(cell) !== undefined;
    if (!isDate && isoTime(cell) === undefined) return;
    if (isDate) as.date++;
    else as.time++;
    if (FINE.test(cell)) this.fine++;
    const time = cell.trim();
    if (this.firstTime === undefined || time < this.firstTime) this.firstTime = time;
    if (this.lastTime === undefined || time > this.lastTime) this.lastTime = time;
  }
}
