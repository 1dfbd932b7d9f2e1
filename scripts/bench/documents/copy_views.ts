/**
 * The least there is to do: each view's documents copied out by Postgres, and its bytes put into a
 * file as they come.
 *
 * @module
 */
import { pipeline } from "node:stream/promises";
import { createWriteStream } from "node:fs";
import postgres from "postgres";

const [url, folder] = Deno.args as [string, string];
const sql = postgres(url, { max: 1, onnotice: () => {} });
const views = await sql<{ transform: string }[]>`
  select transform from landfall.entities where pipeline = 'tracker' order by id`;
for (const { transform } of views) {
  const rows = await sql.unsafe(`copy (select document from ${transform}) to stdout`).readable();
  await pipeline(rows, createWriteStream(`${folder}/${transform}.copy`));
  // the driver pauses its socket when the last rows come fast, and forgets to go on
  rows._read(0);
}
await sql.end();
