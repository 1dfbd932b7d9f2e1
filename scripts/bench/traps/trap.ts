/** What SQLite allows and Postgres does not, or takes otherwise: a small file, and what to look at. */
export interface Trap {
  /** What it is about, in plain words. */
  readonly name: string;
  /** The SQL that makes the file. Its names are lower case, which every tool keeps. */
  readonly make: string;
  /**
   * A query over the tables as they were loaded, which stand in the search path. It gives one row of
   * booleans, whose names say what went wrong: true where it did. One that ends in "exit code 0" is
   * forgiven where the tool's exit code says that something was amiss.
   *
   * It may call `refuses(statement)`: whether a constraint stops the statement, whose effect is
   * undone; and `count_rows(relation)`.
   */
  readonly check: string;
}

/** How a tool dealt with a trap. */
export interface Verdict {
  readonly right: boolean;
  /** "right", or what was wrong in a few words. */
  readonly found: string;
}

/** What a tool did with a file. */
export interface Move {
  /** 0 when all went well, as far as the tool knows. */
  readonly exitCode: number;
  /** Why nothing that it left is worth a look: it hung, or says itself that it is wrong. */
  readonly failure?: string;
}

/** Twenty ordinary rows beside a few odd ones: what a column is to be is beyond doubt. */
export const TWENTY = "with recursive numbers (n) as " +
  "(select 101 union all select n + 1 from numbers where n < 120)";
