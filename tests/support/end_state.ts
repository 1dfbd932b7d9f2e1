import type postgres from "postgres";
import { outcome, type RunReport } from "./migration.ts";

/** What a run has left: for each relation a hash of every row, by the row's key. */
export type EndState = Readonly<Record<string, ReadonlyMap<string, string>>>;

/** How many keys a difference names. */
const EXAMPLES = 3;

/**
 * Reads all that a run has left, but for ids and times: the targets, lineage, rejects, deferred
 * rows and the report.
 *
 * @param sql Queries as the owner.
 */
export async function endState(sql: postgres.Sql, report: RunReport): Promise<EndState> {
  const state: Record<string, ReadonlyMap<string, string>> = { report: told(report) };
  for (const { entity, target } of report.entities) {
    state[entity] = await hashes(sql, `select id::text as key, rows as row from ${target} as rows`);
  }
  state.lineage = await hashes(sql, withEntity("lineage"));
  state.rejects = await hashes(sql, withEntity("rejects"));
  state.deferred = await hashes(sql, withEntity("deferred"));
  return state;
}

/**
 * Compares two end states, row by row.
 *
 * @returns A sentence for each kind of difference; none when they are equal.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   differences({ orders: new Map([["a", "1"], ["b", "1"]]) }, { orders: new Map([["a", "2"]]) }),
 *   ["orders: 1 lost (b)", "orders: 1 different (a)"],
 * );
 * ```
 */
export function differences(expected: EndState, actual: EndState): string[] {
  return Object.entries(expected).flatMap(([relation, rows]) => {
    const others = actual[relation] ?? new Map<string, string>();
    const kinds = {
      lost: [...rows.keys()].filter((key) => !others.has(key)),
      new: [...others.keys()].filter((key) => !rows.has(key)),
      different: [...rows].filter(([key, hash]) => others.has(key) && others.get(key) !== hash)
        .map(([key]) => key),
    };
    return Object.entries(kinds)
      .filter(([, keys]) => keys.length > 0)
      .map(([kind, keys]) =>
        `${relation}: ${keys.length} ${kind} (${keys.slice(0, EXAMPLES).join(", ")})`
      );
  });
}

function withEntity(table: string): string {
  return `
    select entities.name || ' ' || source_key as key,
      to_jsonb(rows)
        -- the hash of a legacy row depends on the name of its store
        - array['run_id', 'entity_id', 'created_at', 'since', 'legacy_hash'] as row
    from landfall.${table} as rows
    join landfall.entities on entities.id = rows.entity_id`;
}

async function hashes(sql: postgres.Sql, rows: string): Promise<ReadonlyMap<string, string>> {
  const found = await sql.unsafe<{ key: string; hash: string }[]>(
    `select key, md5(row::text) as hash from (${rows}) as rows`,
  );
  return new Map(found.map(({ key, hash }) => [key, hash]));
}

/** The report's parts by name, each as text. */
function told(report: RunReport): ReadonlyMap<string, string> {
  const parts = outcome(report) as Record<string, unknown>;
  return new Map(
    Object.entries(parts).flatMap(([name, part]) =>
      (Array.isArray(part) ? part : [part]).map((item): [string, string] => [
        [name, item?.entity, item?.reason ?? item?.finding].filter(Boolean).join(" "),
        JSON.stringify(item),
      ])
    ),
  );
}
