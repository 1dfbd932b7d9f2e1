/** What a failure code means: the HTTP status it is answered with, and its name in a few words. */
export interface Failure {
  readonly status: number;
  readonly title: string;
  /** The caller asked for something that cannot be; a command line then exits with 2. */
  readonly usage?: true;
}

/**
 * Every failure there is, by code. LF0 belongs to the border (HTTP, command line, files) and is
 * raised in TypeScript; the rest is raised in SQL with the code as its SQLSTATE.
 */
export const FAILURES = {
  LF001: { status: 400, title: "The request does not fit the function", usage: true },
  LF002: { status: 401, title: "Not authorised" },
  LF003: { status: 404, title: "No such function", usage: true },
  LF004: { status: 405, title: "Method not allowed" },
  LF005: { status: 503, title: "The engine cannot be reached, or is held up" },
  LF006: { status: 500, title: "Configuration is missing or wrong" },
  LF007: { status: 500, title: "Unexpected failure" },
  LF008: { status: 400, title: "Wrong usage of the command line", usage: true },
  LF009: { status: 503, title: "The engine is not installed" },
  LF010: { status: 400, title: "A line of a file is malformed" },
  LF011: { status: 400, title: "A file cannot be read or imported", usage: true },
  LF012: { status: 504, title: "The engine took too long" },
  LF013: { status: 400, title: "A pipeline cannot be generated", usage: true },
  LF014: { status: 400, title: "A pipeline cannot be compared with a file", usage: true },
  LF015: { status: 503, title: "MongoDB cannot be reached, or refuses the user" },
  LF016: { status: 502, title: "MongoDB refuses a call" },

  LF101: { status: 404, title: "Unknown pipeline", usage: true },
  LF102: { status: 400, title: "A pipeline definition is wrong" },
  LF103: { status: 400, title: "An entity definition is wrong" },
  LF104: { status: 400, title: "A rule definition is wrong" },
  LF105: { status: 400, title: "The targets depend on each other in a circle" },
  LF106: { status: 409, title: "A relation of the pipeline is gone" },

  LF201: { status: 404, title: "Unknown run", usage: true },
  LF202: { status: 409, title: "Another run of the pipeline is active", usage: true },
  LF203: { status: 400, title: "An option is out of range", usage: true },
  LF204: { status: 400, title: "Unknown table", usage: true },
  LF205: { status: 409, title: "Parents are missing" },
  LF206: { status: 409, title: "The run cannot go from its state to that one" },
  LF207: { status: 404, title: "No store to read", usage: true },
  LF208: { status: 409, title: "Several stores to read", usage: true },
  LF209: { status: 400, title: "The store cannot be read", usage: true },
  LF210: { status: 403, title: "Row level security hides rows" },
  LF211: { status: 409, title: "More rows are rejected than allowed" },
  LF212: { status: 403, title: "The target may not be written" },
  LF213: { status: 400, title: "There is no such company", usage: true },
  LF214: { status: 400, title: "The source's tables do not fit", usage: true },
  LF215: { status: 400, title: "The pipeline writes tables, or documents", usage: true },

  LF301: { status: 500, title: "Rows in and rows out differ" },
  LF302: { status: 500, title: "A transform fails outside its columns" },
  LF303: { status: 409, title: "A source key is not unique" },
  LF304: { status: 409, title: "An index or a foreign key cannot be built again" },

  LF401: { status: 409, title: "A newer run stands in the way of a roll-back", usage: true },
  LF402: { status: 409, title: "The run is being rolled back with other options", usage: true },

  LF501: { status: 409, title: "The run is rolled back: nothing to verify", usage: true },
  LF502: { status: 404, title: "Unknown verification", usage: true },

  LF601: { status: 409, title: "Two pipelines list users of the same id" },
  LF602: { status: 409, title: "The pipeline has no legacy users", usage: true },
  LF603: { status: 404, title: "Unknown legacy user", usage: true },
  LF604: { status: 409, title: "The link cannot be made or ended", usage: true },

  LF701: { status: 503, title: "pg_cron is not installed" },
  LF702: { status: 400, title: "The interval of a schedule makes no sense", usage: true },
} as const satisfies Record<string, Failure>;

export type FailureCode = keyof typeof FAILURES;

/** Whether a text is one of our codes; a foreign SQLSTATE is not. */
export function isFailureCode(code: unknown): code is FailureCode {
  return typeof code === "string" && Object.hasOwn(FAILURES, code);
}

/**
 * The one error of this project: something a caller must act on.
 *
 * Its JSON has PostgREST's shape, so failures of SQL and of TypeScript look alike.
 *
 * @example
 * ```ts
 * const error = new LandfallError("LF204", 'Unknown table "clinets"', { hint: "Use clients." });
 * console.log(JSON.stringify(error), error.failure.status);
 * ```
 */
export class LandfallError extends Error {
  override readonly name = "LandfallError";
  readonly code: FailureCode;
  readonly details: string | null;
  readonly hint: string | null;

  /** @param message One sentence: what cannot be done, and why. */
  constructor(
    code: FailureCode,
    message: string,
    options: { details?: string | null; hint?: string | null; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.details = options.details ?? null;
    this.hint = options.hint ?? null;
  }

  /** The code's entry in {@linkcode FAILURES}. */
  get failure(): Failure {
    return FAILURES[this.code];
  }

  toJSON(): { code: FailureCode; message: string; details: string | null; hint: string | null } {
    const { code, message, details, hint } = this;
    return { code, message, details, hint };
  }
}
