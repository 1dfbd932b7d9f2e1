import { join } from "@std/path";
import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import { inTransaction, type Transaction } from "../../database/in_transaction.ts";
import { openOutput } from "../../files/open_output.ts";
import type { ExportFlags } from "../read_flags.ts";
import { chooseCollections, type ChosenCollection } from "./choose_collections.ts";
import { documentLines } from "./document_lines.ts";
import { fileName } from "./file_name.ts";
import type { ExportedCollection, Manifest } from "./manifest.ts";
import { rejectedRows } from "./rejected_rows.ts";
import { writeDocuments } from "./write_documents.ts";

const MANIFEST = "manifest.json";

/**
 * Writes the documents of a pipeline, as they are at one moment, to a file for each collection and a
 * manifest: all of them or none.
 *
 * @throws LF008 when a file is there already or cannot be made, LF011 when a document cannot be
 * made, LF101, LF204, LF215.
 */
export async function exportFiles(flags: ExportFlags, signal: AbortSignal): Promise<Manifest> {
  const { pipeline, out, tables, maxChildren, gzip } = flags;
  await using undo = new AsyncDisposableStack();
  const manifest = await inTransaction(async (transaction): Promise<Manifest> => {
    // a role that may not see all rows is to hear of it
    await transaction`set local row_security = off`;
    await transaction`set local timezone = 'UTC'`;
    // what a rule's query rejects is hashed as long as it fits in there
    await transaction`set local work_mem = '32MB'`;
    await transaction`select landfall.use_limits(${
      transaction.json(maxChildren === undefined ? {} : { maxChildren })
    })`;
    const chosen = await chooseCollections(transaction, pipeline, tables);
    await makeFolder(out, undo);
    const files = chosen.map(({ collection }) => fileName(collection, gzip));
    // opened first, it keeps others out of the folder
    return await writeWhole(out, MANIFEST, undo, async (output) => {
      await refuseFiles(out, [...files, MANIFEST]);
      const [{ at }] = await transaction<[{ at: Date }]>`select now() as at`;

      const collections: ExportedCollection[] = [];
      for (const collection of chosen) {
        collections.push(await exportCollection(transaction, collection, flags, { signal, undo }));
      }
      const manifest: Manifest = {
        format: "landfall documents 1",
        pipeline,
        at: at.toISOString(),
        maxChildren: maxChildren ?? null,
        collections,
      };
      await output.write(`${JSON.stringify(manifest, null, 2)}\n`);
      return manifest;
    });
  }, "snapshot");
  undo.move();
  return manifest;
}

async function exportCollection(
  transaction: Transaction,
  collection: ChosenCollection,
  { out, gzip }: ExportFlags,
  { signal, undo }: { signal: AbortSignal; undo: AsyncDisposableStack },
): Promise<ExportedCollection> {
  const file = fileName(collection.collection, gzip);
  const rejected = await rejectedRows(transaction, collection, signal);
  const lines = documentLines(transaction, collection, signal);
  const written = await writeWhole(
    out,
    file,
    undo,
    (output) => writeDocuments(lines, output, { collection: collection.collection, gzip, signal }),
  );
  const { entity, indexes } = collection;
  return { entity, collection: collection.collection, file, ...written, indexes, rejected };
}

/** Writes under another name first: what has its name is whole. */
async function writeWhole<Result>(
  folder: string,
  name: string,
  undo: AsyncDisposableStack,
  write: (output: Awaited<ReturnType<typeof openOutput>>) => Promise<Result>,
): Promise<Result> {
  const path = join(folder, name);
  const part = `${path}.part`;
  let result: Result;
  {
    await using output = await openOutput(part);
    result = await write(output);
    output.keep();
  }
  await Deno.rename(part, path);
  undo.defer(() => Deno.remove(path));
  return result;
}

async function makeFolder(path: string, undo: AsyncDisposableStack): Promise<void> {
  try {
    await Deno.mkdir(path, { mode: 0o700 });
    // unless others have put something there
    undo.defer(() => Deno.remove(path).catch(() => {}));
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      if ((await Deno.stat(path)).isDirectory) return;
      throw new LandfallError("LF008", `Cannot export to ${path}: it is no folder`, {
        hint: "Name a folder, which is made when it is not there.",
      });
    }
    throw new LandfallError("LF008", `Cannot make the folder ${path}`, {
      details: error instanceof Error ? error.message : null,
      hint: "Name a folder in one that is there and that you may write.",
      cause: error,
    });
  }
}

async function refuseFiles(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const there = await Deno.lstat(join(folder, name)).then(() => true, () => false);
    if (!there) continue;
    throw new LandfallError("LF008", `Cannot write ${join(folder, name)}: it is there already`, {
      hint: "Name another folder, or remove what is in it.",
    });
  }
}
