import postgres from "postgres";

/**
 * Gives a new cluster the platform's roles, schemas and restrictions (platform.sql); does nothing
 * to one that has them.
 *
 * @param url A connection URL as supabase_admin.
 * @param password The password for the other roles that log in.
 */
export async function applyPlatform(url: string, password: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const [found] = await sql`select from pg_catalog.pg_roles where rolname = 'authenticator'`;
    if (found) return;
    const platform = await Deno.readTextFile(new URL("platform.sql", import.meta.url));
    await sql.begin(async (sql) => {
      await sql.unsafe(platform);
      for (const role of ["postgres", "authenticator"]) {
        await sql.unsafe(`alter role ${role} password '${password}'`);
      }
    });
  } finally {
    await sql.end();
  }
}
