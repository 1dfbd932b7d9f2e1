import type { Reading } from "../../../verify/reading/reading.ts";
import type { Choice } from "./choose_reading.ts";
import { declaration } from "./declaration.ts";
import type { Subject } from "./guess.ts";

/** What a column becomes that holds no values: what it was declared to be. */
export function byDeclaration({ column, timestamps, json }: Subject): Choice {
  const { means, sizes: [size, scale = 0] } = declaration(column.declared);
  const choice = (type: string, reading: Reading): Choice => ({
    type,
    reading,
    misfits: 0,
    evidence: ["no values: by its declaration"],
  });
  switch (means) {
    case "integer":
      return choice("bigint", { as: "integer" });
    case "real":
      return choice("double precision", { as: "real" });
    case "numeric":
      return size === undefined
        ? choice("numeric", { as: "numeric" })
        : choice(`numeric(${size},${scale})`, { as: "numeric", scale });
    case "boolean":
      return choice("boolean", { as: "boolean" });
    case "uuid":
      return choice("uuid", { as: "uuid" });
    case "bytes":
      return choice("bytea", { as: "bytes" });
    case "json":
      return json ? choice("jsonb", { as: "json" }) : choice("text", { as: "text" });
    case "date":
      return timestamps ? choice("date", { as: "date" }) : choice("text", { as: "text" });
    case "time":
      return timestamps
        ? choice("timestamptz", {
          as: "time",
          units: ["seconds", "milliseconds", "microseconds", "iso"],
        })
        : choice("text", { as: "text" });
    default:
      return size && /char/i.test(column.declared)
        ? choice(`varchar(${size})`, { as: "text" })
        : choice("text", { as: "text" });
  }
}
