import { LandfallError } from "../../supabase/functions/_shared/errors.ts";

/** Where text goes. A file is removed when it is disposed of before it is kept. */
export interface Output extends AsyncDisposable {
  /** Writes all of a text, or its bytes, as fast as it is taken; false when nobody reads any more. */
  write(text: string | Uint8Array): Promise<boolean>;
  keep(): void;
}

/** The rows may be personal: other users of the machine have no business with them. */
const MODE = 0o600;

/**
 * Opens a new file, or standard output.
 *
 * @param path The file to make; one that is there already is left alone.
 * @throws LF008 when there can be no such file.
 */
export async function openOutput(path?: string): Promise<Output> {
  if (path === undefined) {
    return {
      write: writeToReader,
      keep: () => {},
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  const file = await create(path);
  let kept = false;
  return {
    write: async (text) => {
      await writeToFile(file, path, text);
      return true;
    },
    keep: () => {
      kept = true;
    },
    [Symbol.asyncDispose]: async () => {
      file.close();
      if (!kept) await Deno.remove(path);
    },
  };
}

async function create(path: string): Promise<Deno.FsFile> {
  const cannot = (why: string, hint: string, cause: unknown) =>
    new LandfallError("LF008", `Cannot write ${path}: ${why}`, { hint, cause });
  try {
    return await Deno.open(path, { write: true, createNew: true, mode: MODE });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      throw cannot("it is there already", "Name another file, or remove it first.", error);
    }
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw cannot("there is no such folder", "Make the folder first.", error);
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw cannot("the folder may not be written", "Name a file elsewhere.", error);
    }
    throw writeFailure(path, error);
  }
}

async function writeToFile(
  file: Deno.FsFile,
  path: string,
  text: string | Uint8Array,
): Promise<void> {
  try {
    await writeAll(file, text);
  } catch (error) {
    throw writeFailure(path, error);
  }
}

async function writeToReader(text: string | Uint8Array): Promise<boolean> {
  try {
    await writeAll(Deno.stdout, text);
    return true;
  } catch (error) {
    // such as head, which has enough
    if (error instanceof Deno.errors.BrokenPipe) return false;
    throw writeFailure("standard output", error);
  }
}

async function writeAll(
  writer: { write(bytes: Uint8Array): Promise<number> },
  text: string | Uint8Array,
): Promise<void> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  for (let at = 0; at < bytes.length;) at += await writer.write(bytes.subarray(at));
}

function writeFailure(path: string, error: unknown): LandfallError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return new LandfallError("LF007", `Cannot write ${path}`, {
    details: `${name}: ${message}`,
    hint: "See that there is room, then export again.",
    cause: error,
  });
}
