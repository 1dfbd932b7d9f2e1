import { join } from "@std/path";
import { table } from "../../invoke/table.ts";
import type { Manifest } from "./manifest.ts";

/** Says what was exported, and how to load it. */
export function showManifest({ pipeline, collections }: Manifest, folder: string): string[] {
  const rejected = collections.flatMap(({ collection, rejected }) =>
    rejected.map(({ reason, rows }) => [collection, reason, rows])
  );
  return [
    `Exported the documents of ${pipeline} to ${folder}.`,
    "",
    ...table(
      ["collection", "documents", "bytes", "file"],
      collections.map(({ collection, documents, bytes, file }) => [
        collection,
        documents,
        bytes,
        file,
      ]),
    ),
    ...rejected.length === 0
      ? []
      : ["", "Left out:", ...table(["collection", "reason", "rows"], rejected)],
    "",
    "Load them, then make the indexes in mongosh:",
    ...collections.map(({ collection, file }) => load(collection, join(folder, file))),
    ...collections.flatMap(({ collection, indexes }) =>
      indexes.map((paths) => `  db.getCollection(${quote(collection)}).createIndex(${key(paths)})`)
    ),
  ];
}

function load(collection: string, path: string): string {
  const into = `mongoimport --db <database> --collection ${shell(collection)}`;
  return path.endsWith(".gz") ? `  gunzip -c ${shell(path)} | ${into}` : `  ${into} ${shell(path)}`;
}

function key(paths: string): string {
  const parts = paths.split(",").map((path) => path.trim()).map((path) =>
    path.startsWith("-") ? `${quote(path.slice(1))}: -1` : `${quote(path)}: 1`
  );
  return `{ ${parts.join(", ")} }`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function shell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
