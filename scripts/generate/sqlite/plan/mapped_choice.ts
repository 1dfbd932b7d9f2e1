import type { Reading } from "../../../verify/reading/reading.ts";
import type { ColumnMapping } from "../mapping.ts";
import type { Choice } from "./choose_reading.ts";
import { readingOf } from "./reading_of.ts";

/** A choice of which a mapping may have changed all; without a reading, only Postgres can read it. */
export type MappedChoice = Omit<Choice, "reading"> & { readonly reading: Reading | undefined };

/** What a column becomes, by its values and by what a mapping says of it. */
export function mappedChoice(choice: Choice, mapped: ColumnMapping): MappedChoice {
  const { units } = mapped;
  const type = mapped.type ?? (units ? "timestamptz" : choice.type);
  const chosen = mapped.type !== undefined || units !== undefined;
  const reading = chosen ? readingOf(type, choice.reading, units) : choice.reading;
  return {
    ...choice,
    misfits: chosen || mapped.nulls ? 0 : choice.misfits,
    type,
    reading: reading && mapped.nulls && reading.as !== "bytes"
      ? { ...reading, nulls: mapped.nulls }
      : reading,
    evidence: [
      ...chosen ? ["by the mapping"] : choice.evidence,
      ...mapped.nulls ? [`${mapped.nulls.map((each) => `'${each}'`).join(" or ")} is NULL`] : [],
    ],
  };
}
