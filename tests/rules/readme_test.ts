import { assert, assertEquals } from "@std/assert";
import { projectFolder } from "../../scripts/stack/local_folder.ts";
import { FAILURES } from "../../supabase/functions/_shared/errors.ts";
import { migrations } from "./migrations.ts";

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

Deno.test("README.md says of every failure code what to do", { ignore }, async () => {
  const readme = await Deno.readTextFile(README);

  const explained = [...readme.matchAll(/^\| `(LF\d{3})` \| \S.* \| \S.* \|$/gm)];

  assertEquals(explained.map(([, code]) => code), Object.keys(FAILURES).sort());
});

Deno.test(
  "the picture of a run's states in README.md is that of run_transitions",
  { ignore },
  async () => {
    const readme = await Deno.readTextFile(README);
    const states = (await migrations()).find(({ name }) => name.endsWith("_states.sql"))!;

    const drawn = [...readme.matchAll(/^ {2}([a-z_]+) --> ([a-z_]+): /gm)];
    const listed = [...states.sql.matchAll(/^ {2}\('([a-z_]+)', +'([a-z_]+)', +'/gm)];

    const ways = (found: RegExpMatchArray[]) =>
      found.map(([, from, to]) => `${from} → ${to}`).sort();
    assert(listed.length > 10, "run_transitions was not found");
    assertEquals(ways(drawn), ways(listed));
  },
);
