import { parseArgs } from "@std/cli/parse-args";
import { closestString } from "@std/text";
import { type FunctionName, REQUESTS } from "../../supabase/functions/_shared/requests.ts";
import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { readRequest } from "../../supabase/functions/_shared/read_request.ts";
import { type Flag, flagsOf } from "./flags.ts";

/** What a command line asks for. */
export interface Invocation {
  readonly name: FunctionName;
  /** The request's body, checked as the function will check it. */
  readonly body: Record<string, unknown>;
  /** Print the reply alone. */
  readonly json: boolean;
  /** Explain what is done. */
  readonly verbose: boolean;
}

/** The flags of the command itself. */
const OWN_FLAGS = ["json", "verbose", "help"];

/**
 * Reads the flags of a function.
 *
 * @throws LF008 for a flag or a value that makes no sense, LF203 for a value out of range.
 */
export function readFlags(name: FunctionName, args: readonly string[]): Invocation {
  const flags = flagsOf(REQUESTS[name]);
  const switches = flags.filter((flag) => flag.kind === "switch");
  const valued = flags.filter((flag) => flag.kind !== "switch");
  const on = switches.filter((flag) => flag.on).map((flag) => flag.name);
  checkSwitches(switches, args);
  const parsed = parseArgs([...args], {
    boolean: [...switches.map((flag) => flag.name), ...OWN_FLAGS],
    negatable: on,
    default: Object.fromEntries(on.map((name) => [name, true])),
    string: valued.map((flag) => flag.name),
    collect: valued.map((flag) => flag.name),
    unknown: (arg: string, flag?: string) => refuse(name, flag === undefined ? arg : `--${flag}`),
  }) as Record<string, unknown>;

  const body: Record<string, unknown> = {};
  for (const flag of switches) {
    if (parsed[flag.name] !== flag.on) body[flag.field] = parsed[flag.name];
  }
  for (const flag of valued) {
    const texts = parsed[flag.name] as string[];
    if (texts.length > 0) body[flag.field] = valueOf(flag, texts);
  }

  const spelling = new Map(flags.map((flag) => [flag.field, `--${flag.name}`]));
  readRequest(REQUESTS[name], body, (field) => spelling.get(field) ?? field);
  return { name, body, json: parsed.json === true, verbose: parsed.verbose === true };
}

/** parseArgs reads whatever a switch is given as true, and `--no-x=false` as the opposite of that. */
function checkSwitches(switches: readonly Flag[], args: readonly string[]): void {
  for (const { name } of switches) {
    const wrong = args.find((arg) =>
      arg.startsWith(`--no-${name}=`) ||
      (arg.startsWith(`--${name}=`) && !/=(true|false)$/.test(arg))
    );
    if (wrong === undefined) continue;
    throw new LandfallError("LF008", `--${name} needs true or false`, {
      details: `It is given as ${wrong}.`,
      hint: `Write --${name}=true or --${name}=false.`,
    });
  }
}

function valueOf(flag: Flag, texts: readonly string[]): unknown {
  const last = texts.at(-1)!;
  const wrong = (need: string) =>
    new LandfallError("LF008", `--${flag.name} needs ${need}`, {
      details: last === "" ? "No value is given." : `It is given ${JSON.stringify(last)}.`,
      hint: `Write --${flag.name} ${flag.placeholder}.`,
    });
  if (texts.includes("")) throw wrong("a value");

  const parts = texts.flatMap((text) => text.split(",")).map((part) => part.trim()).filter(Boolean);
  switch (flag.kind) {
    case "repeated":
      return texts;
    case "number":
      if (!/^-?\d+$/.test(last)) throw wrong("a whole number");
      return Number(last);
    case "list":
      return parts;
    case "map":
      if (!parts.every((part) => /^[^=]+=[^=]+$/.test(part))) throw wrong("pairs of name=value");
      return Object.fromEntries(parts.map((part) => part.split("=")));
    default:
      return last;
  }
}

function refuse(name: FunctionName, arg: string): never {
  const known = [
    ...flagsOf(REQUESTS[name]).map((flag) => flag.spelling),
    ...OWN_FLAGS.map((flag) => `--${flag}`),
  ];
  if (!arg.startsWith("-")) {
    throw new LandfallError("LF008", `Function ${name} takes no argument ${JSON.stringify(arg)}`, {
      hint: `Flags are ${known.join(", ")}.`,
    });
  }
  throw new LandfallError("LF008", `Unknown flag ${arg}`, {
    details: `Flags of ${name} are ${known.join(", ")}.`,
    hint: `Did you mean ${closestString(arg, known)}?`,
  });
}
