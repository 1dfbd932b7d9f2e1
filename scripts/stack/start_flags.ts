import { parseArgs } from "node:util";

/** What `deno task start` was asked for. */
export interface StartFlags {
  readonly detach: boolean;
  readonly fresh: boolean;
  readonly apiPort: number;
  readonly databasePort: number;
}

const USAGE = `deno task start [flags]

  --detach       go on in the background; deno task stop ends it
  --api-port N   the port of the API, 55321 by default
  --db-port N    the port of Postgres, 55322 by default
  --fresh        forget the data of earlier starts first`;

/** Reads the flags; an answer with `usage` says what is wrong with them. */
export function readStartFlags(args: string[]): StartFlags | { readonly usage: string } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        "detach": { type: "boolean", default: false },
        "fresh": { type: "boolean", default: false },
        "api-port": { type: "string", default: "55321" },
        "db-port": { type: "string", default: "55322" },
      },
    });
    return {
      detach: values.detach,
      fresh: values.fresh,
      apiPort: port("--api-port", values["api-port"]),
      databasePort: port("--db-port", values["db-port"]),
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { usage: `${error.message}\n\n${USAGE}` };
  }
}

function port(flag: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0 && number < 65536) return number;
  throw new TypeError(`${flag} must be a port from 1 to 65535, not ${text}`);
}
