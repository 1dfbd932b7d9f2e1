import { join } from "@std/path";
import { ignoreMissing } from "./ignore_missing.ts";
import type { PostgresBinaries } from "./postgres_binaries.ts";
import type { User } from "./unprivileged_user.ts";

/** What a new data folder needs. */
interface InitOptions {
  readonly binaries: PostgresBinaries;
  readonly data: string;
  readonly password: string;
  /** Whether the files reach the disk before the database is used. */
  readonly durable: boolean;
  /** Who owns the data, when it is not the user of this process. */
  readonly user: User | undefined;
}

/**
 * Makes a data folder as the platform's: UTF-8, ICU collation en_US, superuser supabase_admin,
 * passwords for everybody. Does nothing to a folder that exists.
 *
 * The folder appears under its name when it is complete, so an interrupted start leaves nothing
 * that looks like a database.
 */
export async function initDatabase(options: InitOptions): Promise<void> {
  const { binaries, data, password, durable, user } = options;
  if (await Deno.stat(data).then(() => true, () => false)) return;

  const half = `${data}.new`;
  await Deno.remove(half, { recursive: true }).catch(ignoreMissing);
  await Deno.mkdir(half, { mode: 0o700 });
  const passwordFile = await Deno.makeTempFile();
  await Deno.writeTextFile(passwordFile, password);
  if (user) {
    await Deno.chown(half, user.uid, user.gid);
    await Deno.chown(passwordFile, user.uid, user.gid);
  }
  try {
    const { code, stderr } = await new Deno.Command(join(binaries.folder, "initdb"), {
      args: [
        `--pgdata=${half}`,
        `--pwfile=${passwordFile}`,
        "--username=supabase_admin",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        `--locale=${Deno.build.os === "darwin" ? "en_US.UTF-8" : "C.UTF-8"}`,
        "--locale-provider=icu",
        "--icu-locale=en-US",
        "--no-instructions",
        ...(durable ? [] : ["--no-sync"]),
      ],
      cwd: "/", // the project's folder may be closed to that user
      ...user,
    }).output();
    if (code !== 0) {
      throw new Error(`Cannot make a database in ${data}:\n${new TextDecoder().decode(stderr)}`);
    }
    await Deno.rename(half, data);
  } finally {
    await Deno.remove(passwordFile);
  }
}
