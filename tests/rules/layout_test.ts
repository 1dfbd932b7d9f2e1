import { assert, assertEquals } from "@std/assert";
import { projectFolder } from "../../scripts/stack/local_folder.ts";
import { REQUESTS } from "../../supabase/functions/_shared/requests.ts";
import { migrations } from "./migrations.ts";
import { walk } from "./walk.ts";

Deno.test("the project's root holds what every reader expects, and nothing else", async () => {
  const expected = new Set([
    "supabase",
    "scripts",
    "tests",
    "deno.json",
    "deno.lock",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
  ]);

  const entries = await names(".");

  assertEquals(entries.filter((name) => !name.startsWith(".") && !expected.has(name)), []);
});

Deno.test("every pipeline has its migrations and its test", async () => {
  const tests = await names("tests/pipelines");
  const pipelines = new Set(
    (await migrations()).flatMap(({ name }) => /_pipeline_([a-z]+)/.exec(name)?.slice(1) ?? []),
  );

  assert(pipelines.has("kv"));
  for (const pipeline of pipelines) assert(tests.includes(`${pipeline}_test.ts`), pipeline);
});

Deno.test("every function has a folder, an entry, a request and a place in config.toml", async () => {
  const folders = (await names("supabase/functions")).filter((name) => !name.startsWith("_"));
  const config = await Deno.readTextFile(`${projectFolder}/supabase/config.toml`);

  assertEquals(folders.sort(), Object.keys(REQUESTS).sort());
  for (const name of folders) {
    assert((await names(`supabase/functions/${name}`)).includes("index.ts"), name);
    assert(config.includes(`[functions.${name}]`), `${name} is not in config.toml`);
  }
});

Deno.test("no file of tests is long, and every one that is run has tests", async () => {
  for (const path of (await walk("tests")).filter((path) => path.endsWith(".ts"))) {
    const text = await Deno.readTextFile(`${projectFolder}/${path}`);
    const lines = text.split("\n").length;
    assert(lines <= 320, `${path} has ${lines} lines`);
    if (path.endsWith("_test.ts")) assert(/\b(Deno\.test|runScenarios)\(/.test(text), path);
  }
});

Deno.test("no test is left out or run alone", async () => {
  const marked = [];
  for (const path of await walk("tests")) {
    if (!path.endsWith("_test.ts")) continue;
    const text = await Deno.readTextFile(`${projectFolder}/${path}`);
    if (/Deno\.test\.(?:only|ignore)\(/.test(text)) marked.push(path);
  }

  assertEquals(marked, []);
});

async function names(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(`${projectFolder}/${folder}`));
  return entries.map(({ name }) => name);
}
