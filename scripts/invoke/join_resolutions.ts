import { ResolveUsersReply } from "../../supabase/functions/_shared/replies.ts";

type Links = ResolveUsersReply["users"][number];

/**
 * Joins what two calls for the same resolution have answered: users are linked in the first, and
 * runs may end in either.
 *
 * @param before The reply so far.
 * @param after What the next call answered.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const users = { pipeline: "jobs", links: [], shared: [], ambiguous: [] };
 * const waiting = { users: 0, reasons: {} };
 * const reply = {
 *   dryRun: false, requireSignIn: true, runs: [], busy: [], errors: [],
 *   progress: { done: 5, total: 9 },
 * };
 * const joined = joinResolutions(
 *   { ...reply, users: [{ ...users, linked: 2, waiting }], state: "running" },
 *   { ...reply, users: [{ ...users, linked: 1, waiting }], state: "done" },
 * );
 *
 * assertEquals([joined.state, joined.users[0]!.linked], ["done", 3]);
 * ```
 */
export function joinResolutions(before: unknown, after: unknown): ResolveUsersReply {
  const first = ResolveUsersReply.parse(before);
  const then = ResolveUsersReply.parse(after);
  const again = new Set(then.runs.map(({ runId }) => runId));
  return {
    ...then,
    users: then.users.map((links) => {
      const earlier = first.users.find(({ pipeline }) => pipeline === links.pipeline);
      return earlier ? joinLinks(earlier, links) : links;
    }),
    runs: [...first.runs.filter(({ runId }) => !again.has(runId)), ...then.runs],
  };
}

/** Who waits, and whose address is ambiguous, is told anew each time. */
function joinLinks(first: Links, then: Links): Links {
  const again = new Set(then.shared.map(({ supabaseUserId }) => supabaseUserId));
  return {
    ...then,
    linked: first.linked + then.linked,
    links: [...first.links, ...then.links],
    shared: [
      ...first.shared.filter(({ supabaseUserId }) => !again.has(supabaseUserId)),
      ...then.shared,
    ],
  };
}
