import { toKebabCase } from "@std/text";
import { type RequestSchema, z } from "../../supabase/functions/_shared/requests.ts";

/** A request's field as a flag of the command line. */
export interface Flag {
  /** Without its hyphens. */
  readonly name: string;
  readonly field: string;
  /** A repeated flag gives a value each time; a list has commas between its names. */
  readonly kind: "switch" | "number" | "text" | "list" | "repeated" | "map";
  /** For a switch that is on unless it is switched off. */
  readonly on: boolean;
  /** What a person types to say something else than is usual. */
  readonly spelling: string;
  /** What stands for the value in the help. */
  readonly placeholder: string;
  readonly description: string;
}

/**
 * The flags of a function: its request's fields in kebab-case.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { StatusRequest } from "../../supabase/functions/_shared/requests.ts";
 *
 * assertEquals(flagsOf(StatusRequest).map((flag) => flag.name), ["pipeline", "run-id"]);
 * ```
 */
export function flagsOf(schema: RequestSchema): Flag[] {
  return Object.entries<z.ZodType>(schema.shape).map(([field, type]) => {
    const { description = "", placeholder, repeated } = type.meta() ?? {};
    const { kind, usually } = kindOf(type);
    const name = toKebabCase(field);
    const on = type instanceof z.ZodDefault && type.def.defaultValue === true;
    return {
      name,
      field,
      kind: repeated === true ? "repeated" : kind,
      on,
      spelling: on ? `--no-${name}` : `--${name}`,
      placeholder: String(placeholder ?? usually),
      description,
    };
  });
}

function kindOf(type: z.ZodType): { kind: Flag["kind"]; usually: string } {
  if (type instanceof z.ZodOptional || type instanceof z.ZodDefault) {
    return kindOf(type.unwrap() as z.ZodType);
  }
  if (type instanceof z.ZodBoolean) return { kind: "switch", usually: "" };
  if (type instanceof z.ZodNumber) return { kind: "number", usually: "N" };
  if (type instanceof z.ZodArray) return { kind: "list", usually: "a,b,…" };
  if (type instanceof z.ZodRecord) return { kind: "map", usually: "NAME=VALUE,…" };
  if (type instanceof z.ZodEnum) return { kind: "text", usually: type.options.join("|") };
  return { kind: "text", usually: "TEXT" };
}
