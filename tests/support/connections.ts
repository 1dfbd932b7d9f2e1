import postgres from "postgres";

/** A role of the Data API. */
export type ApiRole = "anon" | "authenticated" | "service_role";

/** Queries on one database; disposing closes all connections, also those a test left open. */
export interface Connections extends AsyncDisposable {
  /** Queries as the role of the URL. */
  readonly sql: postgres.Sql;
  /** Queries as a role of the Data API, on connections of their own. */
  as(role: ApiRole): postgres.Sql;
}

/**
 * Connects to a database, with the first query.
 *
 * @param url A connection URL as `postgres`, the owner.
 */
export function connectionsTo(url: string): Connections {
  const sql = connect(url);
  const others = new Map<ApiRole, postgres.Sql>();
  return {
    sql,
    as(role) {
      const found = others.get(role) ?? connect(url, role);
      others.set(role, found);
      return found;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([sql, ...others.values()].map((each) => each.end({ timeout: 0 })));
    },
  };
}

function connect(url: string, role?: ApiRole): postgres.Sql {
  return postgres(url, { max: 4, onnotice: () => {}, connection: role ? { role } : {} });
}
