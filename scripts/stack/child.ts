/** What {@linkcode Child.start} runs, and how it is to be ended. */
export interface ChildOptions {
  /** The program, by path. */
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the program; nothing else is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Everything the program prints goes to this file. */
  readonly log: string;
  /** The signal that makes the program end in good order. */
  readonly stopSignal: "INT" | "TERM";
  /** The user to run as; needs root. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/**
 * Runs the program and waits for its end, or for the end of standard input, whichever is first.
 * Standard input is a pipe that this process alone holds open, so the operating system closes it
 * even when this process is killed: then the program is told to stop, and is killed 20 s later.
 */
const WATCH = `
exec 3<&0 2>&1
signal=$1; shift
"$@" </dev/null 3<&- &
program=$!
{
  read -r _ <&3
  kill -s "$signal" "$program"
  tries=0
  while [ "$tries" -lt 200 ] && kill -0 "$program"; do sleep 0.1; tries=$((tries + 1)); done
  kill -s KILL "$program"
} 2>/dev/null &
watcher=$!
exec 3<&-
wait "$program"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
`;

/**
 * A program that never outlives this process: not its end, not a crash, not SIGKILL.
 *
 * It runs in a session of its own, so that Ctrl-C reaches this process first and the programs
 * of a stack end in good order.
 */
export class Child implements AsyncDisposable {
  /** Where the program's output goes. */
  readonly log: string;
  /** Resolves to the exit code when the program has ended, for whatever reason. */
  readonly exited: Promise<number>;
  readonly #stdin: WritableStream<Uint8Array>;
  #running = true;

  private constructor(process: Deno.ChildProcess, log: string) {
    this.log = log;
    this.#stdin = process.stdin;
    const logged = writeTo(log, process.stdout);
    this.exited = Promise.all([process.status, logged]).then(([status]) => {
      this.#running = false;
      return status.code;
    });
  }

  /** Starts the program. Whether it works is for the caller to find out. */
  static start(options: ChildOptions): Child {
    const process = new Deno.Command("/bin/sh", {
      args: ["-c", WATCH, "watch", options.stopSignal, options.command, ...options.args],
      env: options.env,
      clearEnv: true,
      cwd: "/",
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      detached: true,
      ...options.user,
    }).spawn();
    return new Child(process, options.log);
  }

  /** Whether the program has not ended yet. */
  get running(): boolean {
    return this.#running;
  }

  /** The end of what the program printed, to explain why it ended. */
  async lastWords(): Promise<string> {
    const lines = (await Deno.readTextFile(this.log)).trimEnd().split("\n");
    return lines.slice(-10).join("\n");
  }

  /** Ends the program in good order and waits for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running) await this.#stdin.close();
    await this.exited;
  }
}

async function writeTo(log: string, output: ReadableStream<Uint8Array>): Promise<void> {
  using file = await Deno.open(log, { write: true, create: true, truncate: true, mode: 0o600 });
  // file.writable would hold back what is printed until there is much of it, or the program ends
  for await (const chunk of output) {
    for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
  }
}
