import type { Transaction } from "../../../database/in_transaction.ts";
import { type Family, isIdKind } from "../plan/family.ts";
import { findFamilies } from "../plan/find_families.ts";
import { findSlots } from "../plan/find_slots.ts";
import { findContainers } from "../plan/find_containers.ts";
import { familySql } from "./family_sql.ts";
import { readElements, readMembers } from "./read_members.ts";
import { readPlaces, viewPlaces } from "./read_places.ts";
import { readRepeated } from "./read_repeated.ts";
import { readShapes } from "./read_shapes.ts";
import { readSlots } from "./read_slots.ts";
import { withoutRecords } from "./without_records.ts";
import { findPairs } from "../plan/find_pairs.ts";
import { Facts } from "../plan/facts.ts";
import { readClashes } from "./read_clashes.ts";
import { readPairs } from "./read_pairs.ts";
import { tryTypes } from "./try_types.ts";
import type {
  Clash,
  MemberCensus,
  PairCensus,
  PlaceCensus,
  Shape,
  SlotCensus,
} from "./store_census.ts";

/** All that is known of a store. */
export interface StoreCensus {
  readonly families: readonly Family[];
  readonly members: readonly MemberCensus[];
  readonly places: readonly PlaceCensus[];
  readonly slots: readonly SlotCensus[];
  readonly pairs: readonly PairCensus[];
  /** Members that are spelled alike and stand in one document. */
  readonly clashes: readonly Clash[];
  /** Keys of no family: those with more segments than are looked at. */
  readonly unknown: number;
}

/** What Postgres believes of documents is far off: it would sort millions of values. */
const SETTINGS = `
  set local jit = off;
  set local work_mem = '128MB';
  set local enable_memoize = off;
  set local enable_sort = off;
  set local max_parallel_workers_per_gather = 2;
  set local min_parallel_table_scan_size = 0;
  set local parallel_setup_cost = 0;
  set local parallel_tuple_cost = 0.001;
  set local statement_timeout = 0;
`;

/**
 * Reads every key and every value of a store.
 *
 * What it makes for that, functions and temporary tables, is for the caller to undo.
 *
 * @param store The store, as SQL writes it.
 * @param onStep Is told how many of how many steps are done.
 */
export async function takeCensus(
  transaction: Transaction,
  store: string,
  onStep: (done: number, total: number) => void = () => {},
): Promise<StoreCensus> {
  const steps = 6;
  const functions = await Deno.readTextFile(new URL("functions.sql", import.meta.url));
  await transaction.unsafe(functions + SETTINGS);
  onStep(0, steps);
  const shapes = await readShapes(transaction, store);
  const families = findFamilies(shapes);
  onStep(1, steps);
  // a key is divided once, whatever asks for it: limit all keeps a query apart from those around it
  await transaction.unsafe(`
    create temporary view census_documents as
    select ${familySql(families, "segments")} as family, key, segments, document
    from (
      select key, pg_temp.segments(key) as segments, ${documentSql(shapes)} as document
      from ${store} as store
      limit all
    ) as divided
    limit all
  `);
  const members = await readMembers(transaction);
  onStep(2, steps);
  const containers = findContainers(families, members);
  await viewPlaces(transaction, await withoutRecords(transaction, containers));
  const elements = await readElements(transaction);
  onStep(3, steps);
  const places = await readPlaces(transaction, elements);
  onStep(4, steps);
  const all = await withTypesTried(transaction, [...members, ...elements]);
  const { slots, keys } = findSlots(families, all);
  const counted = await readSlots(transaction, slots, keys);
  const [row] = await transaction.unsafe<{ unknown: number }[]>(
    "select count(*)::int as unknown from census_documents where family is null",
  );
  onStep(5, steps);
  const known = {
    families,
    members: all,
    places: await readRepeated(transaction, places, counted),
    slots: counted,
    pairs: [],
    clashes: await readClashes(transaction, all),
    unknown: row!.unknown,
  };
  const pairs = await readPairs(transaction, findPairs(new Facts(known)));
  onStep(6, steps);
  return { ...known, pairs };
}

function documentSql(shapes: readonly Shape[]): string {
  if (shapes.every(({ encoded }) => encoded === 0)) return "value";
  const anyBroken = shapes.some(({ broken }) => broken);
  return anyBroken ? "pg_temp.document(value)" : "pg_temp.sure_document(value)";
}

const TYPES = {
  "uuid": "uuid",
  "date": "date",
  "time": "timestamptz",
  "local time": "timestamptz",
} as const;

/** What looks like times, dates or uuids and is none is text. */
async function withTypesTried(
  transaction: Transaction,
  members: readonly MemberCensus[],
): Promise<MemberCensus[]> {
  const typed = members.flatMap(({ family, place, member, classes }) =>
    isIdKind(member) ? [] : [
      ...new Set(
        classes.flatMap((each) =>
          each.class in TYPES ? [TYPES[each.class as keyof typeof TYPES]] : []
        ),
      ),
    ].map((type) => ({ family, place, member, type }))
  );
  const failing = await tryTypes(transaction, typed);
  return members.map((found) => {
    const wrong = failing.filter((each) =>
      each.family === found.family && each.place === found.place && each.member === found.member
    ).map(({ type }) => type);
    if (wrong.length === 0) return found;
    return {
      ...found,
      classes: found.classes.map((each) =>
        wrong.includes(TYPES[each.class as keyof typeof TYPES]) ? { ...each, class: "short" } : each
      ),
    };
  });
}
