import { assertEquals, assertRejects } from "@std/assert";
import { copyOut } from "../../scripts/database/copy_out.ts";
import { createDatabase } from "../support/database.ts";

/** Lines of 200 bytes. */
const lines = (count: number) =>
  `copy (select repeat('x', 199) from generate_series(1, ${count})) to stdout`;
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 30));

Deno.test("copyOut() leaves a connection that goes on, however much came at the end", async () => {
  await using database = await createDatabase();
  // as much as the driver keeps, and some more
  for (const count of [300, 340, 400, 500, 1_000]) {
    for (let time = 0; time < 4; time++) {
      const copied = await database.sql.begin(async (transaction) => {
        let bytes = 0;
        for await (const piece of copyOut(transaction.unsafe(lines(count)))) {
          if (bytes === 0) await aMoment();
          bytes += piece.length;
        }
        const [row] = await transaction`select 1 as one`;
        return [bytes, row!.one];
      });
      assertEquals(copied, [count * 200, 1]);
    }
  }
});

Deno.test("copyOut() leaves a connection that goes on when its reader has had enough", async () => {
  await using database = await createDatabase();

  await assertRejects(
    () =>
      database.sql.begin(async (transaction) => {
        for await (const _ of copyOut(transaction.unsafe(lines(5_000_000)))) {
          await aMoment();
          throw new RangeError("enough");
        }
      }),
    RangeError,
    "enough",
  );

  const [row] = await database.sql`select 1 as one`;
  assertEquals(row!.one, 1);
});

Deno.test("copyOut() is ended by its signal before the first row and amid the rows", async () => {
  await using database = await createDatabase();
  const code = (statement: string) => {
    const signal = AbortSignal.timeout(300);
    return database.sql.begin(async (transaction) => {
      for await (const _ of copyOut(transaction.unsafe(statement), signal));
    }).then(() => undefined, (error) => error.code);
  };

  assertEquals(await code("copy (select pg_sleep(60)) to stdout"), "57014");
  assertEquals(
    await code("copy (select pg_sleep(0.01) from generate_series(1, 6000)) to stdout"),
    "57014",
  );
});

Deno.test("copyOut() raises what Postgres raises amid the rows", async () => {
  await using database = await createDatabase();

  const error = await database.sql.begin(async (transaction) => {
    const statement = "copy (select 1 / (n - 50000) from generate_series(1, 90000) as n) to stdout";
    for await (const _ of copyOut(transaction.unsafe(statement)));
  }).catch((error) => error);

  assertEquals(error.code, "22012");
});
