/** Takes an error that says that a file is not there for an answer; throws every other. */
export function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
