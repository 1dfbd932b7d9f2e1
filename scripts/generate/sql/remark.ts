const WIDTH = 100;

/**
 * Writes sentences as a comment of SQL, broken where the line would grow too long.
 *
 * @param indent What stands before each line.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(remark("  ", ["all 12 values are 0 or 1", "say otherwise"]), [
 *   "  -- all 12 values are 0 or 1; say otherwise",
 * ]);
 * ```
 */
export function remark(indent: string, sentences: readonly string[]): string[] {
  // a line's end would end the comment
  const words = sentences.join("; ").split(/\s+/).filter(Boolean);
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    if (line !== "" && indent.length + 4 + line.length + word.length > WIDTH) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  if (line !== "") lines.push(line);
  return lines.map((text) => `${indent}-- ${text}`);
}
