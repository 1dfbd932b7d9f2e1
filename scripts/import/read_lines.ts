import { basename } from "@std/path";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";

/** A line of a file, counted from 1. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

const NEWLINE = 0x0a;
/** More than this no jsonb can hold. */
const LONGEST_LINE = 256 * 1024 * 1024;

/**
 * Reads a file line by line, holding one line at a time. A file that ends in `.gz` is unpacked.
 *
 * @throws LF011 for what is no readable file, LF010 for a line that is not UTF-8.
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (bytes: Uint8Array, number: number): Line => {
    try {
      return { number, text: decoder.decode(bytes) };
    } catch (cause) {
      throw new LandfallError("LF010", `Line ${number} of ${basename(path)} is not UTF-8`, {
        hint: "Convert the file, for example with iconv -t UTF-8.",
        cause,
      });
    }
  };

  let number = 1;
  const rest: Uint8Array[] = [];
  let restLength = 0;
  for await (const chunk of await openBytes(path)) {
    let start = 0;
    for (let end; (end = chunk.indexOf(NEWLINE, start)) !== -1; start = end + 1) {
      const tail = chunk.subarray(start, end);
      yield decode(restLength === 0 ? tail : joined([...rest.splice(0), tail]), number++);
      restLength = 0;
    }
    if (start === chunk.length) continue;
    rest.push(chunk.slice(start));
    restLength += chunk.length - start;
    if (restLength > LONGEST_LINE) {
      throw new LandfallError("LF010", `Line ${number} of ${basename(path)} is over 256 MiB long`, {
        hint: "Write one record a line.",
      });
    }
  }
  if (restLength > 0) yield decode(joined(rest), number);
}

async function openBytes(path: string): Promise<AsyncIterable<Uint8Array>> {
  const cannot = (why: string, cause?: unknown) =>
    new LandfallError("LF011", `Cannot import ${path}: ${why}`, { cause });

  async function* unpacked(packed: ReadableStream<BufferSource>): AsyncGenerator<Uint8Array> {
    try {
      yield* packed.pipeThrough(new DecompressionStream("gzip"));
    } catch (error) {
      throw error instanceof TypeError ? cannot("it is not gzip, or cut off", error) : error;
    }
  }

  try {
    const { isDirectory } = await Deno.stat(path);
    if (isDirectory) throw cannot("it is a directory");
    const { readable } = await Deno.open(path);
    return path.endsWith(".gz") ? unpacked(readable) : readable;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw cannot("there is no such file", error);
    if (error instanceof Deno.errors.PermissionDenied) throw cannot("it may not be read", error);
    throw error;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
