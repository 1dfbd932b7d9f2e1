import { basename } from "@std/path";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import type { Chunk } from "./insert_records.ts";
import { kvLine } from "./kv_line.ts";
import { readLines } from "./read_lines.ts";
import { storable } from "./storable.ts";

/** What was read of a file so far. */
export interface Tally {
  records: number;
  blankLines: number;
  /** Characters that Postgres cannot store, and the first lines that had any. */
  nulsRemoved: number;
  halvesReplaced: number;
  cleanedLines: number[];
}

const CHUNK_CHARACTERS = 1024 * 1024;
const MOST_LINES_NAMED = 10;

/**
 * Reads a store's file as chunks of records that Postgres can store.
 *
 * @param tally Is kept up while the file is read.
 * @param options Whether lines may be those of an export of rejects: see {@linkcode kvLine}.
 * @throws LF010 for the first malformed line.
 */
export async function* storeChunks(
  path: string,
  tally: Tally,
  options: { readonly merge: boolean },
): AsyncGenerator<Chunk> {
  let chunk: { number: number; json: string }[] = [];
  let size = 0;
  for await (const { number, text } of readLines(path)) {
    const line = kvLine(text, options);
    if (line.kind === "malformed") {
      throw new LandfallError("LF010", `Line ${number} of ${basename(path)} is malformed`, {
        details: `Line ${number}: ${line.why}.`,
        hint: `A line is {"key":"…","value":…}. Nothing of the file is loaded.`,
      });
    }
    if (line.kind === "blank") {
      tally.blankLines++;
      continue;
    }
    const { json, nuls, halves } = storable(text);
    tally.records++;
    tally.nulsRemoved += nuls;
    tally.halvesReplaced += halves;
    if (nuls + halves > 0 && tally.cleanedLines.length < MOST_LINES_NAMED) {
      tally.cleanedLines.push(number);
    }
    chunk.push({ number, json });
    size += json.length;
    if (size >= CHUNK_CHARACTERS) {
      yield chunk;
      chunk = [];
      size = 0;
    }
  }
  if (chunk.length > 0) yield chunk;
}
