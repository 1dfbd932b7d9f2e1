import type { ResolveUsersReply } from "../../supabase/functions/_shared/replies.ts";
import { commandLine } from "./command_line.ts";
import { type Cell, table } from "./table.ts";

type Users = ResolveUsersReply["users"];

/** Rows of a table beyond these are counted. */
const MOST_ROWS = 10;

/**
 * Sets as tables who was linked to which account and by what evidence, who shares an account, whose
 * address is ambiguous, and why the others wait.
 */
export function linkTables(users: Users): string[] {
  const all = <Item>(list: (links: Users[number]) => readonly Item[]) => users.flatMap(list);
  const ambiguous = all((links) => links.ambiguous);
  return [
    ...table(
      ["pipeline", "linked", "waiting"],
      users.map(({ pipeline, linked, waiting }) => [pipeline, linked, waiting.users]),
    ),
    ...shortTable(
      ["legacy user", "account", "address", "evidence"],
      all(({ links }) => links).map((link) => [
        link.legacyUserId,
        link.supabaseUserId,
        link.address,
        link.evidence,
      ]),
      users.reduce((sum, { linked }) => sum + linked, 0),
    ),
    ...shortTable(
      ["account", "is shared by legacy users"],
      all(({ shared }) => shared).map(({ supabaseUserId, legacyUserIds }) => [
        supabaseUserId,
        legacyUserIds.join(", "),
      ]),
    ),
    ...shortTable(
      ["legacy user", "address", "accounts that have it"],
      ambiguous.map(({ legacyUserId, address, accounts }) => [legacyUserId, address, accounts]),
    ),
    ...(ambiguous.length === 0 ? [] : [
      `Say whose it is with: ${
        commandLine("link-user", { legacyUserId: ambiguous[0]!.legacyUserId })
      } --supabase-user-id UUID`,
    ]),
    ...shortTable(
      ["pipeline", "waiting because", "users"],
      all(({ pipeline, waiting }) =>
        Object.entries(waiting.reasons)
          .sort(([, one], [, other]) => other - one)
          .map(([reason, count]) => [pipeline, reason, count])
      ),
    ),
  ];
}

/** A table after an empty line, or no line when it has no rows. */
function shortTable(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  count = rows.length,
): string[] {
  if (rows.length === 0) return [];
  const shown = rows.slice(0, MOST_ROWS);
  const rest = count - shown.length;
  return [
    "",
    ...table(head, shown),
    ...(rest > 0 ? [`and ${rest.toLocaleString("en-US")} more, see --json`] : []),
  ];
}
