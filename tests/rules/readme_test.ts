import { assert, assertEquals } from "@std/assert";
import { projectFolder } from "../../scripts/stack/local_folder.ts";
import { FAILURES } from "../../supabase/functions/_shared/errors.ts";

const README = `${projectFolder}/README.md`;
const ignore = !await Deno.stat(README).then(() => true, () => false);

Deno.test("the tasks that README.md tells the reader to run exist", { ignore }, async () => {
  const readme = await Deno.readTextFile(README);
  const { tasks } = JSON.parse(await Deno.readTextFile(`${projectFolder}/deno.json`));

  const named = [...readme.matchAll(/deno task ([a-z][a-z:-]*)/g)].map(([, task]) => task!);

  assert(named.length > 0, "README.md names no task");
  assertEquals(named.filter((task) => !Object.hasOwn(tasks, task)), []);
});

Deno.test("the files that README.md points to exist", { ignore }, async () => {
  const readme = await Deno.readTextFile(README);
  const links = [...readme.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, path]) =>
    path!
  );

  const broken = [];
  for (const path of links) {
    const found = await Deno.stat(`${projectFolder}/${path}`).then(() => true, () => false);
    if (!found) broken.push(path);
  }

  assertEquals(broken, []);
});

Deno.test("the failure codes in README.md are those there are", { ignore }, async () => {
  const readme = await Deno.readTextFile(README);

  const unknown = [...readme.matchAll(/\bLF\d{3}\b/g)].filter(([code]) =>
    !Object.hasOwn(FAILURES, code)
  );

  assertEquals(unknown.map(([code]) => code), []);
});
