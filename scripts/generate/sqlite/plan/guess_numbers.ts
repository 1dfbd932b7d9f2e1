import { declaration } from "./declaration.ts";
import { accepts, allAre, type Guess, type Subject } from "./guess.ts";

const count = (value: number): string => value.toLocaleString("en-US");

/** Looks whether a column holds numbers, and which type changes none of them. */
export function guessNumbers(subject: Subject): Guess | undefined {
  const { column, census } = subject;
  const { means, sizes } = declaration(column.declared);
  const meant = means === "integer" || means === "real" || means === "numeric";
  const fits = census.integers + census.reals;
  if (!accepts(subject, fits, meant, census.empty)) return undefined;
  const isFinite = census.leastNumber > -Infinity && census.mostNumber < Infinity;
  const mixed = census.integers > 0 && census.reals > 0;
  if (means === "numeric" && isFinite) {
    const [precision, scale = 0] = sizes;
    const holds = precision !== undefined && census.decimals <= scale &&
      census.wholeDigits <= precision - scale;
    return {
      type: holds ? `numeric(${precision},${scale})` : "numeric",
      reading: holds ? { as: "numeric", scale } : { as: "numeric" },
      fits,
      evidence: precision === undefined || holds
        ? []
        : [`declared ${column.declared}, but values have more digits`],
    };
  }
  if (census.reals === 0 && means !== "real") {
    const evidence = means === "integer" ? [] : [allAre(fits, "value", "an integer", "integers")];
    return { type: "bigint", reading: { as: "integer" }, fits, evidence };
  }
  if (census.inexact > 0 && isFinite) {
    const evidence = ["integers and reals, which a double precision would change"];
    return { type: "numeric", reading: { as: "numeric" }, fits, evidence };
  }
  return {
    type: "double precision",
    reading: { as: "real" },
    fits,
    evidence: mixed ? [`${count(census.integers)} integers and ${count(census.reals)} reals`] : [],
  };
}
