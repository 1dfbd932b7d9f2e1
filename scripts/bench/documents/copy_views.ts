/**
 * The least there is to do: each view's documents copied out by Postgres, and its bytes put into a
 * file as they come.
 *
 * @module
 */
import { pipeline } from "node:stream/promises";
import { createWriteStream } from "node:fs";
import postgres from "postgres";
import { copyOut } from "../../database/copy_out.ts";

const [url, folder] = Deno.args as [string, string];
const sql = postgres(url, { max: 1, onnotice: () => {} });
const views = await sql<{ transform: string }[]>`
  select transform from landfall.entities where pipeline = 'tracker' order by id`;
for (const { transform } of views) {
  const rows = copyOut(sql.unsafe(`copy (select document from ${transform}) to stdout`));
  await pipeline(rows, createWriteStream(`${folder}/${transform}.copy`));
}
await sql.end();
