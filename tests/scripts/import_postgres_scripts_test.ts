import { assertEquals } from "@std/assert";
import { openDump } from "../../scripts/import/postgres/dump/open_dump.ts";
import { sweepScratch } from "../../scripts/import/postgres/dump/sweep_scratch.ts";

const NEVER = new AbortController().signal;

/** Writes a file to a folder for the length of a test. */
async function temporary(): Promise<AsyncDisposable & { path(name: string): string }> {
  const folder = await Deno.makeTempDir();
  return {
    path: (name) => `${folder}/${name}`,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

Deno.test("sweepScratch() removes only folders of this user, and nothing that they name", async () => {
  await using folder = await temporary();
  const parent = folder.path("tmp");
  const [victim, own, linked] = ["victim", "tmp/landfall-scratch-own", "linked"].map(folder.path);
  for (const path of [parent, victim!, own!, linked!, `${linked}/data-17`]) await Deno.mkdir(path);
  const link = `${parent}/landfall-scratch-link`;
  await Deno.symlink(linked!, link);
  await Deno.writeTextFile(`${own}/lock`, "");
  await Deno.writeTextFile(`${own}/elsewhere`, `/var/lib/landfall/../../..${victim}`);
  await Deno.writeTextFile(`${linked}/lock`, "");
  const foreign = `${parent}/landfall-scratch-foreign`;
  const isRoot = Deno.uid() === 0;
  if (isRoot) {
    await Deno.mkdir("/var/lib/landfall", { recursive: true });
    await Deno.mkdir(foreign);
    await Deno.writeTextFile(`${foreign}/lock`, "");
    await Deno.chown(foreign, 65534, 65534);
  }

  await sweepScratch(parent, "");

  assertEquals(await exists(own!), false);
  assertEquals(await Promise.all([victim!, link, linked!].map(exists)), [true, true, true]);
  assertEquals(await exists(foreign), isRoot);
});

Deno.test("openDump() tells whose dump it is from long lines of comments at once", async () => {
  await using folder = await temporary();
  const path = folder.path("app.sql");
  const lines = `-- ${"-".repeat(60)}\n`.repeat(50);
  await Deno.writeTextFile(path, `${lines}select 1;\n-- MySQL dump\n`);

  const script = await openDump(path, NEVER);

  assertEquals(script.says, undefined);
});
