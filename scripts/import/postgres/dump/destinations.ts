import type postgres from "postgres";
import { literal } from "../../staging/literal.ts";
import type { Wants } from "./restore_script.ts";
import type { TableName } from "./statement_kind.ts";

/** A table of the scratch database that rows of a dump go to. */
export interface Destination {
  /** As SQL writes it, with its schema. */
  readonly name: string;
  readonly wanted: boolean;
  /** Whether it has rows of its own. */
  readonly plain: boolean;
}

interface Relation {
  readonly schema: string;
  readonly name: string;
  readonly view: boolean;
}

/** Finds tables of a scratch database by the names that a dump uses. */
export interface Destinations {
  find(name: TableName): Promise<Destination | undefined>;
  /** Whether a wanted relation is a view. */
  hasWantedView(): Promise<boolean>;
  /** Forgets what was found, as a statement may have changed it. */
  forget(): void;
}

/**
 * Looks up tables, and whether their rows are wanted: also those of partitions and children of a
 * wanted table, and everything as long as a wanted one is a view, or may become one.
 */
export function destinations(sql: postgres.Sql, wants: Wants): Destinations {
  const found = new Map<string, Promise<Destination | undefined>>();
  let listed: Promise<readonly Relation[]> | undefined;

  const listWanted = () => {
    listed ??= sql<Relation[]>`
      select nspname as schema, relname as name, relkind in ('v', 'm') as view
      from pg_catalog.pg_class
      join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
      where relkind in ('r', 'p', 'f', 'v', 'm')
        and nspname not in ('pg_catalog', 'information_schema')
    `.then((relations) => relations.filter(({ schema, name }) => wants.has(schema, name)));
    return listed;
  };
  const hasWantedView = async () => (await listWanted()).some(({ view }) => view);
  const isAllWanted = async () => {
    const tables = (await listWanted()).filter(({ view }) => !view);
    const names = new Set(tables.map(({ name }) => name.toLowerCase()));
    return names.size < (wants.count ?? 0) || await hasWantedView();
  };
  const look = async (text: string): Promise<Destination | undefined> => {
    const rows = await sql.unsafe<
      { name: string; kind: string; schema: string; table: string }[]
    >(LOOK_UP(text)).catch(() => []);
    const [row] = rows;
    if (!row) return undefined;
    const wanted = rows.some(({ schema, table }) => wants.has(schema, table)) ||
      await isAllWanted();
    return { name: row.name, plain: row.kind === "r", wanted };
  };
  return {
    find: ({ text }) => {
      const known = found.get(text) ?? look(text);
      found.set(text, known);
      return known;
    },
    hasWantedView,
    forget: () => {
      found.clear();
      listed = undefined;
    },
  };
}

const LOOK_UP = (text: string) => `
  with recursive tables as (
    select pg_catalog.to_regclass(${literal(text)})::pg_catalog.oid as oid, 0 as level
    union
    select inhparent, level + 1
    from tables
    join pg_catalog.pg_inherits on inhrelid = tables.oid
  )
  select pg_catalog.format('%I.%I', nspname, relname) as name, relkind::pg_catalog.text as kind,
    nspname as schema, relname as table
  from tables
  join pg_catalog.pg_class on pg_class.oid = tables.oid
  join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
  order by level`;
