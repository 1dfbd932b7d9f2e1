import { declaration } from "./declaration.ts";
import { accepts, allAre, type Guess, type Subject } from "./guess.ts";

/** Looks whether a column holds blobs, uuids or JSON. */
export function guessForm(subject: Subject): Guess | undefined {
  return bytes(subject) ?? uuid(subject) ?? json(subject);
}

function bytes({ census }: Subject): Guess | undefined {
  if (census.blobs * 2 <= census.values) return undefined;
  return { type: "bytea", reading: { as: "bytes" }, fits: census.blobs, evidence: [] };
}

function uuid(subject: Subject): Guess | undefined {
  const { column, census } = subject;
  const meant = declaration(column.declared).means === "uuid";
  const fits = census.textsAs.uuid;
  if (!accepts(subject, fits, meant, census.empty)) return undefined;
  const evidence = meant ? [] : [allAre(fits, "text", "a uuid", "uuids")];
  return { type: "uuid", reading: { as: "uuid" }, fits, evidence };
}

function json(subject: Subject): Guess | undefined {
  const { column, census } = subject;
  if (!subject.json) return undefined;
  const meant = declaration(column.declared).means === "json";
  // SQLite keeps a number in such a column as a number
  const numbers = census.integers + census.reals;
  const fits = meant ? census.textsAs.json + numbers : census.textsAs.document;
  if (!accepts(subject, fits, meant, census.empty)) return undefined;
  const evidence = meant
    ? []
    : [allAre(fits, "text", "a JSON object or array", "JSON objects or arrays")];
  return { type: "jsonb", reading: { as: "json" }, fits, evidence };
}
