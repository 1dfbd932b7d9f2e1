import type { RunReport } from "../../../supabase/functions/_shared/replies.ts";
import { table } from "../../invoke/table.ts";
import type { Account } from "./account.ts";

/** Shows what became of every key: a row, a reject, or what stays in the store. */
export function showAccount(before: Account, after: Account, run: RunReport): string[] {
  const rows = run.entities.map(({ entity, target, rejected }) => {
    const was = before.entities.find((each) => each.entity === entity)!;
    const is = after.entities.find((each) => each.entity === entity)!;
    return [`${was.prefix}…`, is.records, target, was.rows, is.rows, rejected];
  });
  const { keys, lists, others, entities } = after;
  const migrated = entities.reduce((sum, each) => sum + each.rows, 0);
  const rejected = run.entities.reduce((sum, each) => sum + each.rejected, 0);
  const [all, moved, refused] = [keys, migrated, rejected].map((n) => n.toLocaleString("en-US"));
  return [
    ...table(["keys", "in the store", "table", "rows before", "rows now", "rejected"], rows),
    "",
    `${all} keys = ${moved} rows + ${refused} rejects with their reasons + ${lists} lists ` +
    `+ ${others} keys of nobody's. The store is as it was.`,
  ];
}
