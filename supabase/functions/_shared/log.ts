/** What a log line may hold: names, counts and ids. Never a row's values, never a key. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

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
  console.log(JSON.stringify({ event, ...fields }));
}
