/**
 * Finds the UPDATEs and DELETEs of an SQL text that have no WHERE of their own.
 *
 * The platform loads safeupdate into the Data API's sessions, which refuses such statements when
 * they are executed, also inside a function.
 *
 * @param sql A statement, a function's body, or the template of a statement.
 * @returns The beginning of each such statement.
 *
 * @example
 * ```ts
 * console.log(unguarded("delete from a; update b set c = 1 where d")); // [ "delete from a" ]
 * ```
 */
export function unguarded(sql: string): string[] {
  const code = sql.replace(/--.*$/gm, "");
  const starts = code.matchAll(
    /\bdelete\s+from\s|\bupdate\s+(?!set\b|of\b|skip\b|nowait\b)\S+(?:\s+as\s+\w+)?\s+set\b/g,
  );
  return [...starts]
    .map(({ index }) => statementFrom(code, index))
    .filter((statement) => !/\bwhere\b/.test(outerText(statement)))
    .map((statement) => statement.trim().replace(/\s+/g, " ").slice(0, 60));
}

/** The text from a position to the end of the statement, or of the parentheses it stands in. */
function statementFrom(code: string, start: number): string {
  let depth = 0;
  for (let at = start; at < code.length; at++) {
    if (code[at] === "(") depth++;
    if (code[at] === ")") depth--;
    if (depth < 0 || (depth === 0 && (code[at] === ";" || code.startsWith("$sql$", at)))) {
      return code.slice(start, at);
    }
  }
  return code.slice(start);
}

/** A statement without what stands in parentheses: a subquery's WHERE is not its own. */
function outerText(statement: string): string {
  let text = statement;
  for (let before = ""; before !== text;) {
    before = text;
    text = text.replace(/\([^()]*\)/g, " ");
  }
  return text;
}
