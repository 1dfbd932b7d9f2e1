/** What a log line may hold: names, counts and ids. Never a row's values, never a key. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

let write = (line: string): void => console.log(line);

/** Writes the log elsewhere than to standard output, where a command prints its reply. */
export function logBy(writer: (line: string) => void): void {
  write = writer;
}

/**
 * Writes one event as one line of JSON.
 *
 * @param event What happened, in one word or two.
 *
 * @example
 * ```ts
 * log("answered", { function: "migrate", status: 200, runId: 7, durationMs: 812 });
 * ```
 */
export function log(event: string, fields: LogFields): void {
  write(JSON.stringify({ event, ...fields }));
}
