import type postgres from "postgres";
import { openCopy } from "../../staging/open_copy.ts";
import { commandKind } from "./command_kind.ts";
import { type Encoding, encoding } from "./encoding.ts";
import { restoreFailure } from "./restore_failure.ts";
import { platformSchema } from "./platform_schema.ts";
import type { Script } from "./open_dump.ts";
import {
  incomplete,
  missingTable,
  noRows,
  otherScripts,
  rowsElsewhere,
  severalDatabases,
} from "./script_failures.ts";
import { SqlReader } from "./sql_reader.ts";
import { statementKind, type TableName } from "./statement_kind.ts";
import { type Destination, destinations } from "./destinations.ts";

/** Which tables' rows are wanted. */
export interface Wants {
  /** How many names are wanted, whatever their case; undefined when a schema's every table is. */
  readonly count: number | undefined;
  has(schema: string, table: string): boolean;
}

/** Inserts are sent together, as a round trip each would take most of the time. */
const TOGETHER_BYTES = 512 * 1024;
const COMPLETE = /^-- PostgreSQL database (cluster )?dump complete/m;

/**
 * Runs the script of a dump in a scratch database.
 *
 * A statement may fail, as long as no wanted table is missing for it. Rows that are not wanted are
 * not sent.
 *
 * @returns Why a table could not be made, by schema and name.
 * @throws LF011 when the script ends early, or rows of a wanted table cannot be stored.
 */
export async function restoreScript(
  sql: postgres.Sql,
  script: Script,
  wants: Wants,
): Promise<ReadonlyMap<string, string>> {
  const reader = new SqlReader(script.bytes);
  try {
    return await run(sql, script, reader, wants);
  } finally {
    await reader.close();
  }
}

async function run(
  sql: postgres.Sql,
  script: Script,
  reader: SqlReader,
  wants: Wants,
): Promise<ReadonlyMap<string, string>> {
  const places = destinations(sql, wants);
  const failures = new Map<string, string>();
  const filled = new Set<string>();
  let current: Encoding = encoding("UTF8");
  let hasTables = false;
  let hasRows = false;
  let copies = 0;
  let inserts = "";
  let insertsInto = "";

  const flush = async () => {
    if (inserts === "") return;
    const [statements, into] = [inserts, insertsInto];
    inserts = "";
    try {
      await sql.unsafe(statements);
    } catch (error) {
      throw restoreFailure(error, into);
    }
  };
  const find = async (into: TableName): Promise<Destination | undefined> => {
    const place = await places.find(into);
    if (place) return place.wanted ? place : undefined;
    if (!wants.has(into.schema ?? "public", into.table)) return undefined;
    throw missingTable(into, failures);
  };

  for (let part; (part = await reader.next()) !== undefined;) {
    if (part.kind === "command") {
      const command = commandKind(part.text);
      if (command.kind === "connect" && hasTables) throw severalDatabases();
      if (command.kind === "include") throw otherScripts();
      if (command.kind === "elsewhere" && await find(command.into)) {
        throw rowsElsewhere(command.into);
      }
      if (command.kind === "encoding") current = encoding(command.encoding);
      continue;
    }
    const statement = current.decode(part.bytes);
    const kind = statementKind(statement);
    if (kind.kind !== "insert" && kind.kind !== "skip") await flush();
    if (kind.kind === "insert" || kind.kind === "copy") hasRows = true;
    switch (kind.kind) {
      case "skip":
        break;
      case "encoding":
        current = encoding(kind.encoding);
        break;
      case "strings":
        reader.scanner.backslashes = !kind.standard;
        await attempt(sql, statement);
        break;
      case "elsewhere":
        if (await find(kind.into)) throw rowsElsewhere(kind.into);
        break;
      case "copy": {
        copies++;
        const place = await find(kind.into);
        if (place) await copy(sql, reader, statement, current, place, filled);
        else for await (const _ of reader.data());
        break;
      }
      case "insert": {
        const place = await find(kind.into);
        if (!place) break;
        filled.add(place.name);
        if (insertsInto !== place.name || inserts.length > TOGETHER_BYTES) await flush();
        insertsInto = place.name;
        inserts += `${statement}\n`;
        break;
      }
      case "change":
        await sql.unsafe(statement).catch((error) => {
          throw restoreFailure(error, "tables");
        });
        break;
      case "make": {
        // a view has no rows of its own
        hasTables ||= !/^create (or replace |recursive |materialized )*view\b/i.test(statement);
        places.forget();
        const why = await attemptToMake(sql, statement);
        const { schema = "public", table } = kind.of;
        if (why !== undefined && !/ already exists$/.test(why)) {
          failures.set(`${schema}.${table}`, why);
          // what stands in for a view until its second step gives rows that are none
          const isSecondStep = wants.count !== undefined && replacesView(statement) &&
            await places.hasWantedView() && await places.find(kind.of);
          if (isSecondStep) throw missingTable(kind.of, failures);
        }
        break;
      }
      case "key":
        if (await places.hasWantedView()) await attempt(sql, statement);
        break;
      case "run":
        places.forget();
        await attempt(sql, statement);
        break;
    }
  }
  await flush();
  if (script.says === "complete" && !COMPLETE.test(reader.tail)) {
    const says = "pg_dump writes at the very end that the dump is complete, and this one does not.";
    throw incomplete("its end is missing", says);
  }
  // dumps of inserts say nothing of an empty table
  if (copies > 0 && copies < (await script.countTables?.() ?? 0)) {
    throw incomplete("it is damaged", "Of some of its tables, rows and their end are missing.");
  }
  if (hasTables && !hasRows) throw noRows();
  return failures;
}

function replacesView(statement: string): boolean {
  return /^create or replace (recursive )?view\b/i.test(statement);
}

/** Runs a statement that may fail, and says why it did. */
async function attempt(sql: postgres.Sql, statement: string): Promise<string | undefined> {
  try {
    await sql.unsafe(statement);
  } catch (error) {
    const { code = "", message } = error as { code?: string; message: string };
    if (!/^[0-9A-Z]{5}$/.test(code) || /^(53|57P|08|XX)/.test(code)) {
      throw restoreFailure(error, "tables");
    }
    return message;
  }
}

/** Makes a table; what its defaults call of the platform is made when the dump lacks it. */
async function attemptToMake(sql: postgres.Sql, statement: string): Promise<string | undefined> {
  const why = await attempt(sql, statement);
  const [schema, ...contents] = platformSchema(why ?? "");
  if (schema === undefined || await attempt(sql, schema) !== undefined) return why;
  for (const each of contents) await attempt(sql, each);
  return await attemptToMake(sql, statement);
}

async function copy(
  sql: postgres.Sql,
  reader: SqlReader,
  statement: string,
  { name }: Encoding,
  { name: table, plain }: Destination,
  filled: Set<string>,
): Promise<void> {
  const encoded = name === "UTF8" ? statement : withEncoding(statement, name);
  try {
    await sql.begin(async (transaction) => {
      // rows of a table that is new to the transaction need not be logged
      if (plain && !filled.has(table)) await transaction.unsafe(`truncate only ${table}`);
      filled.add(table);
      await using copied = await openCopy(transaction, encoded);
      for await (const rows of reader.data()) await copied.write(rows);
      await copied.end();
    });
  } catch (error) {
    throw restoreFailure(error, table);
  }
}

/** The rows come as they are in the dump, and Postgres reads them in the dump's encoding. */
function withEncoding(statement: string, name: string): string {
  const option = `encoding '${name.replaceAll(/\W/g, "")}'`;
  return statement.replace(
    /\bfrom\s+stdin\b(?:\s+with)?\s*(\(([^]*)\))?\s*;\s*$/i,
    (_, options, inner) => `from stdin with (${options ? `${inner}, ` : ""}${option});`,
  );
}
