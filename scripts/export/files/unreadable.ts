import { LandfallError } from "../../../supabase/functions/_shared/errors.ts";

/** What SQL raises, but for what is about the server, the session or who may do it, and LF codes. */
const OF_SQL = /^(?!08|25|28|40|53|57|58|42501)[0-9FHP][0-9A-Z]{4}$/;
/** What Postgres itself says of a value or of a query. Others' messages may quote anything. */
const ITS_OWN = /^(22|42|54)/;

/**
 * Says what cannot be read, when a view or a rule is the reason; else returns the error as it is.
 *
 * What was raised may quote a value: that stays here.
 */
export function unreadable(error: unknown, message: string): unknown {
  const { code = "", message: raised = "" } = error as { code?: string; message?: string };
  if (!OF_SQL.test(code)) return error;
  const said = ITS_OWN.test(code) ? `: ${raised.replace(/"[^"]*"/g, "…")}` : "";
  return new LandfallError("LF011", message, {
    details: `SQLSTATE ${code}${said}`,
    hint:
      "Mend the view or the row: export-documents, run against a MongoDB, rejects such rows and " +
      "names them; so does its --dry-run.",
    cause: error,
  });
}
