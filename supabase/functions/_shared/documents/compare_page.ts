import { canonicalText } from "../core/documents/canonical_text.ts";
import type { DocumentPage } from "../document_replies.ts";
import type { Engine } from "../engine.ts";
import type { DocumentSink, Found } from "../sinks/document_sink.ts";
import { type Difference, DifferenceList } from "./difference_list.ts";

/** What was found on a page, as the engine adds it up. */
export interface FoundOnPage {
  /** How far the page went; null for the last one of its phase. */
  readonly to: string | null;
  readonly source?: number;
  readonly migrated?: number;
  readonly rejected?: number;
  readonly kept?: number;
  readonly unknown?: number;
  /** Embedded documents by path. */
  readonly embedded: Readonly<Record<string, number>>;
  readonly differences: readonly Difference[];
}

/** How a page is compared. */
export interface ComparePageOptions {
  readonly verificationId: number;
  readonly samples?: number | undefined;
  readonly allowUnknown?: boolean | undefined;
  /** Whether what no run has written is looked for, too. */
  readonly wholePipeline: boolean;
}

type Expected = NonNullable<DocumentPage["documents"]>[number];

const USUAL_SAMPLES = 5;
/** Ids are 24 characters each. */
const IDS_OF_A_PAGE = 10_000;

/**
 * Compares documents with what must be there: each by its hash, and where that differs field by
 * field; in the end all ids of the collection with those that were written.
 */
export async function comparePage(
  engine: Engine,
  sink: DocumentSink,
  page: DocumentPage,
  options: ComparePageOptions,
): Promise<FoundOnPage> {
  const list = new DifferenceList(options.samples ?? USUAL_SAMPLES);
  return page.phase === "rows"
    ? await compareRows(engine, sink, page, options, list)
    : await findUnknown(engine, sink, page, options, list);
}

async function compareRows(
  engine: Engine,
  sink: DocumentSink,
  page: DocumentPage,
  { verificationId }: ComparePageOptions,
  list: DifferenceList,
): Promise<FoundOnPage> {
  const { entityId, collection, paths, secret, documents = [], differences = [] } = page;
  const missing = new Map(documents.map((expected) => [expected.id, expected]));
  const embedded: Record<string, number> = Object.fromEntries(paths.map((path) => [path, 0]));
  const different = new Map<string, Found>();
  for await (const found of sink.look(collection, documents.map(({ id }) => id))) {
    const expected = missing.get(found.id)!;
    missing.delete(found.id);
    for (const path of paths) embedded[path]! += found.count(path);
    if (found.hash === expected.hash) continue;
    if (expected.asWritten) list.add("changed", "", keysOf(expected));
    else different.set(expected.sourceKey, found);
  }
  for (const expected of missing.values()) list.add("lost", "", keysOf(expected));

  if (different.size > 0) {
    const given = await engine.givenDocuments(verificationId, entityId, [...different.keys()]);
    for (const [sourceKey, found] of different) {
      addFields(list, { sourceKey, given: given[sourceKey] ?? {}, found, secret });
    }
  }
  return {
    to: page.to ?? null,
    source: page.source ?? 0,
    migrated: page.migrated ?? 0,
    rejected: page.rejected ?? 0,
    kept: page.kept ?? 0,
    embedded,
    differences: [...differences, ...list.differences()],
  };
}

function addFields(
  list: DifferenceList,
  { sourceKey, given, found, secret }: {
    sourceKey: string;
    given: Readonly<Record<string, unknown>>;
    found: Found;
    secret: boolean;
  },
): void {
  const there = found.fields();
  const names = new Set([...Object.keys(given), ...there.keys()]);
  for (const name of names) {
    const expected = Object.hasOwn(given, name) ? canonicalText(given[name]) : null;
    const actual = there.get(name) ?? null;
    if (expected === actual) continue;
    list.add("value", name, {
      sourceKey,
      targetKey: found.id,
      expected: secret ? "withheld" : expected,
      actual: secret ? "withheld" : actual,
    });
  }
}

async function findUnknown(
  engine: Engine,
  sink: DocumentSink,
  { entityId, collection, after }: DocumentPage,
  { wholePipeline, allowUnknown = false }: ComparePageOptions,
  list: DifferenceList,
): Promise<FoundOnPage> {
  if (!wholePipeline) return { to: null, embedded: {}, differences: [] };
  const ids = await sink.idsAfter(collection, after, IDS_OF_A_PAGE);
  const unknown = await engine.unknownDocuments(entityId, ids);
  for (const targetKey of allowUnknown ? [] : unknown) {
    list.add("unknown", "", { sourceKey: null, targetKey, expected: null, actual: null });
  }
  return {
    to: ids.length < IDS_OF_A_PAGE ? null : ids.at(-1)!,
    unknown: unknown.length,
    embedded: {},
    differences: list.differences(),
  };
}

function keysOf({ sourceKey, id }: Expected) {
  return { sourceKey, targetKey: id, expected: null, actual: null };
}
