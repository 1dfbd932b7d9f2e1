import { LandfallError } from "../../../../supabase/functions/_shared/errors.ts";

/** Their messages name columns, and quote nothing. */
const QUOTES_NOTHING = /^(22P04|23502|42|0A)/;

/**
 * Says why rows of a dump cannot be stored in the scratch database, without a value of a row.
 *
 * @param table What they are rows of.
 */
export function restoreFailure(error: unknown, table: string): unknown {
  const { code, message, where = "" } = error as {
    code?: unknown;
    message: string;
    where?: string;
  };
  if (error instanceof LandfallError || typeof code !== "string") return error;
  if (code.startsWith("53") || code === "58030") {
    return new LandfallError("LF005", "There is no room for the dump's scratch database", {
      details: `${code}: ${message}.`,
      hint: "Make room in the folder for temporary files, or name another in TMPDIR. Nothing was " +
        "changed.",
      cause: error,
    });
  }
  if (!/^[0-9A-Z]{5}$/.test(code) || /^(57P|08)/.test(code)) {
    return new LandfallError("LF007", "The dump's scratch database ended", {
      details: `${code}.`,
      hint: "Nothing was changed. Import again.",
      cause: error,
    });
  }
  const [place = ""] = /line \d+(, column [^:]+)?/.exec(where) ?? [];
  const isText = code === "22021" || code === "22P05";
  return new LandfallError("LF011", `Rows of ${table} in the dump cannot be stored`, {
    details: [
      isText ? "A text is not valid in the dump's encoding" : undefined,
      QUOTES_NOTHING.test(code) ? `${code}: ${message}` : `Postgres failed with ${code}`,
      place,
    ].filter(Boolean).join(", ") + ".",
    hint: "It was damaged or edited: dump the database again. Nothing was changed.",
    cause: error,
  });
}
