import { basename } from "@std/path";
import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";
import type { Transaction } from "../../database/in_transaction.ts";
import { insertRecords } from "../../import/insert_records.ts";
import { quoted } from "../../import/staging/quoted.ts";
import { storeChunks } from "../../import/store_chunks.ts";

/** A store that can be read. */
export interface OpenStore {
  /** As SQL writes it. */
  readonly relation: string;
  /** A name for people. */
  readonly name: string;
  /** A regular expression for the names of tables that a run may bind it to. */
  readonly pattern: string;
}

const STORES = "^kv_store_[0-9a-f]{8}$";

/**
 * Finds the store: a file, which is loaded into a table that the transaction undoes, or a table of
 * the project.
 *
 * @throws LF010 and LF011 for the file, LF207 when there is no store, LF208 when there are several,
 * LF209 for a table that is none.
 */
export async function openStore(
  transaction: Transaction,
  { file, table }: { readonly file: string | undefined; readonly table: string | undefined },
): Promise<OpenStore> {
  return file === undefined
    ? await findTable(transaction, table)
    : await loadFile(transaction, file);
}

async function loadFile(transaction: Transaction, path: string): Promise<OpenStore> {
  const tally = {
    records: 0,
    blankLines: 0,
    nulsRemoved: 0,
    halvesReplaced: 0,
    cleanedLines: [],
  };
  // a temporary table is read by one process only
  const relation = `public.census_${crypto.randomUUID().replaceAll("-", "")}`;
  await transaction.unsafe(`
    create unlogged table ${relation} (key text not null primary key, value jsonb not null)
  `);
  await insertRecords(transaction, relation, storeChunks(path, tally, { merge: false }));
  await transaction.unsafe(`analyze ${relation}`);
  if (tally.records === 0) {
    throw new LandfallError("LF011", `Cannot read ${path}: it holds no records`, {
      hint: 'A line is {"key":"…","value":…}.',
    });
  }
  return { relation, name: basename(path), pattern: STORES };
}

async function findTable(
  transaction: Transaction,
  wanted: string | undefined,
): Promise<OpenStore> {
  const stores = await transaction<{ name: string }[]>`
    select relname as name
    from pg_class
    where relnamespace = 'public'::regnamespace
      and relkind in ('r', 'p', 'v', 'm', 'f')
      and relname ~ ${STORES}
    order by relname
  `;
  const names = stores.map(({ name }) => name);
  const found = names.length === 0
    ? "There is no kv_store_<hash> in public."
    : `Found: ${names.join(", ")}.`;
  if (wanted === undefined && names.length !== 1) {
    throw names.length === 0
      ? new LandfallError("LF207", "There is no store to read", {
        details: found,
        hint: "Name a table with --table, or a file with --file.",
      })
      : new LandfallError("LF208", `There are ${names.length} stores`, {
        details: found,
        hint: "Name one of them with --table.",
      });
  }
  const name = (wanted ?? names[0]!).replace(/^public\./, "");
  const columns = await transaction<{ name: string; type: string }[]>`
    select attname as name, atttypid::regtype::text as type
    from pg_attribute
    where attrelid = to_regclass(${`public.${quoted(name)}`})
      and attnum > 0 and not attisdropped
  `;
  const typeOf = (column: string) => columns.find((each) => each.name === column)?.type;
  if (typeOf("key") === undefined || !["jsonb", "json"].includes(typeOf("value") ?? "")) {
    throw new LandfallError("LF209", `Cannot read ${name} as a store`, {
      details: columns.length === 0
        ? `There is no such table in public. ${found}`
        : "A store has the columns key and value, of type jsonb.",
      hint: "Name another table with --table.",
    });
  }
  await transaction.unsafe(`
    create temporary view census_store as
    select key::text as key, value::jsonb as value
    from public.${quoted(name)}
  `);
  const [row] = await transaction<{ is_empty: boolean }[]>`
    select not exists (select from census_store) as is_empty
  `;
  if (row!.is_empty) {
    throw new LandfallError("LF207", `The store ${name} holds no records`, {
      hint: "Name another table with --table, or a file with --file.",
    });
  }
  return {
    relation: "pg_temp.census_store",
    name,
    pattern: new RegExp(STORES).test(name) ? STORES : `^${name.replace(/[^a-z0-9_]/g, "\\$&")}$`,
  };
}
