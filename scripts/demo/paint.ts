/** How a text stands out. */
export type Paint = "bold" | "dim" | "green" | "red" | "cyan";

const CODES: Record<Paint, number> = { bold: 1, dim: 2, red: 31, green: 32, cyan: 36 };

/**
 * Makes a text stand out in a terminal, and leaves it as it is in a file, in a pipe, and where
 * NO_COLOR is set.
 */
export function paint(how: Paint, text: string): string {
  const plain = Deno.noColor || !Deno.stdout.isTerminal();
  return plain ? text : `\x1b[${CODES[how]}m${text}\x1b[0m`;
}
