import type { RequestSchema, z } from "./requests.ts";
import { LandfallError } from "./errors.ts";

/** Issues about a value that has the right type: out of range, or not one of the choices. */
const VALUE_ISSUES = [
  "too_small",
  "too_big",
  "invalid_value",
  "invalid_format",
  "invalid_union",
];

/**
 * Checks a request against its schema, naming every field that does not fit.
 *
 * The functions use it on a body, the command line on its flags before it calls.
 *
 * @param spell How the caller writes a field's name, such as `--batch-size` for `batchSize`.
 * @throws LF001 for an unknown field or a wrong type, LF203 for a value out of range.
 */
export function readRequest<Schema extends RequestSchema>(
  schema: Schema,
  request: unknown,
  spell: (field: string) => string = (field) => field,
): z.infer<Schema> {
  const parsed = schema.safeParse(request, { reportInput: true });
  if (parsed.success) return parsed.data as z.infer<Schema>;

  const { issues } = parsed.error;
  const sentences = issues.map((issue) => sentence(issue, spell));
  const needed = issues.some(({ path: [field] }) =>
    field !== undefined && (!has(request, field) || isNeeded(schema, field))
  );
  const unknown = issues.some((issue) => issue.code === "unrecognized_keys");
  const fields = Object.keys(schema.shape).map(spell).join(", ");
  const outOfRange = issues.every((issue) => VALUE_ISSUES.includes(issue.code));
  throw new LandfallError(outOfRange ? "LF203" : "LF001", sentences[0]!, {
    details: sentences.slice(1).join("; ") || null,
    hint: unknown
      ? `Allowed are ${fields || "none"}.`
      : needed
      ? "It has no usual value: give one."
      : "Leave it out for the usual value.",
  });
}

function isNeeded(schema: RequestSchema, field: PropertyKey): boolean {
  const { [field]: type }: Record<PropertyKey, z.ZodType> = schema.shape;
  return type !== undefined && !type.safeParse(undefined).success;
}

function has(request: unknown, field: PropertyKey): boolean {
  return Object.hasOwn(request as object, field);
}

function sentence(issue: z.core.$ZodIssue, spell: (field: string) => string): string {
  if (issue.code === "unrecognized_keys") {
    return `Unknown field ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}`;
  }
  const [field, ...inside] = issue.path.map(String);
  if (field === undefined) return "The request must be a JSON object";
  const place = [spell(field), ...inside].join(".");
  if (issue.code === "custom") return `${place} ${issue.message}`;
  return `${place} ${issue.message}: it is ${JSON.stringify(issue.input) ?? "missing"}`;
}
