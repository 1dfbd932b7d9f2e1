import { join } from "@std/path";
import { DatabaseSync } from "node:sqlite";
import { TABLES } from "./tables.ts";

const ROWS = 10_000;
const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
};

/**
 * Writes each table to a text file as COPY reads it, in the plainest way there is: what the import
 * loads is compared with it.
 *
 * @param folder Where the files go, named as the tables.
 */
export async function writeTexts(file: string, folder: string): Promise<void> {
  using database = new DatabaseSync(file, { readOnly: true });
  for (const [table, columns] of Object.entries(TABLES)) {
    const output = await Deno.create(join(folder, table));
    const writer = output.writable.getWriter();
    let lines: string[] = [];
    const flush = async () => {
      await writer.write(new TextEncoder().encode(lines.join("")));
      lines = [];
    };
    for (const row of database.prepare(`select * from ${table}`).iterate()) {
      lines.push(`${columns.map((column) => field(row[column]!)).join("\t")}\n`);
      if (lines.length === ROWS) await flush();
    }
    await flush();
    await writer.close();
  }
}

function field(value: unknown): string {
  if (value === null) return "\\N";
  return String(value).replace(/[\\\t\n\r]/g, (character) => ESCAPES[character]!);
}
