/** A migration as it stands in its file. */
export interface Migration {
  /** Its file's name. */
  readonly name: string;
  readonly sql: string;
}

const FOLDER = new URL("../../supabase/migrations/", import.meta.url);

/** Reads all migrations, in their order. */
export async function migrations(): Promise<Migration[]> {
  const files = await Array.fromAsync(Deno.readDir(FOLDER));
  const names = files.map(({ name }) => name).filter((name) => name.endsWith(".sql")).sort();
  return await Promise.all(
    names.map(async (name) => ({ name, sql: await Deno.readTextFile(new URL(name, FOLDER)) })),
  );
}

/** The statements that create a function, from its name to the body's beginning. */
export function functionHeads({ sql }: Migration): string[] {
  return [...sql.matchAll(/^create (?:or replace )?function (.*?)^as \$\$/gms)].map(([, head]) =>
    head!
  );
}
