import type postgres from "postgres";

/** Waits until a run, which somebody else works on, has done its first batch. */
export async function hasBegun(sql: postgres.Sql): Promise<void> {
  for (;;) {
    const [row] = await sql`select count(*)::int as batches from landfall.batches where done`;
    if (row!.batches > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
