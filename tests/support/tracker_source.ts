import type postgres from "postgres";

type Row = Readonly<Record<string, postgres.JSONValue | undefined>>;

/** Rows of the tracker by table; what a row leaves out has the table's default. */
export interface TrackerSource {
  readonly organizations: readonly Row[];
  readonly users: readonly Row[];
  readonly org_members: readonly Row[];
  readonly projects: readonly Row[];
  readonly tasks: readonly Row[];
  readonly labels: readonly Row[];
  readonly task_labels: readonly Row[];
  readonly task_assignees: readonly Row[];
  readonly comments: readonly Row[];
}

/** A time that a row of the tracker has when its test does not care. */
export const SOME_TIME = "2024-05-01T10:00:00.123Z";

/** A uuid that shows what it names: `trackerId("a", 1)` is user 1; b is a project. */
export function trackerId(kind: "a" | "b", n: number): string {
  return `${kind.repeat(8)}-0000-4000-8000-${String(n).padStart(12, "0")}`;
}

/**
 * One organization, one project and one task, with two users, two labels and three comments.
 *
 * Both users are members and assignees, both labels are the task's. Comment 1 is the newest.
 *
 * @param over Tables whose rows differ, such as `{ comments: [] }`.
 */
export function oneTask(over: Partial<TrackerSource> = {}): TrackerSource {
  return {
    organizations: [{ id: 1, name: "Acme", created_at: SOME_TIME }],
    users: [1, 2].map((n) => ({
      id: trackerId("a", n),
      name: `User ${n}`,
      email: `user${n}@acme.example`,
      created_at: SOME_TIME,
    })),
    org_members: [2, 1].map((n) => ({ org_id: 1, user_id: trackerId("a", n), role: "member" })),
    projects: [{ id: trackerId("b", 1), org_id: 1, name: "Rockets", created_at: SOME_TIME }],
    tasks: [aTask()],
    labels: [1, 2].map((n) => ({ id: n, org_id: 1, name: `label ${n}`, color: "#ff0000" })),
    task_labels: [2, 1].map((n) => ({ task_id: 1, label_id: n })),
    task_assignees: [2, 1].map((n) => ({ task_id: 1, user_id: trackerId("a", n) })),
    comments: [3, 2, 1].map((minute, nth) =>
      aComment({ id: nth + 1, created_at: `2024-05-01T10:0${minute}:00Z` })
    ),
    ...over,
  };
}

/** A task of the project of {@linkcode oneTask}. */
export function aTask(row: Row = {}): Row {
  return {
    id: 1,
    project_id: trackerId("b", 1),
    title: "Launch",
    created_at: SOME_TIME,
    ...row,
  };
}

/** A comment on task 1 by user 1. */
export function aComment(row: Row = {}): Row {
  return {
    task_id: 1,
    user_id: trackerId("a", 1),
    content: "Done",
    created_at: SOME_TIME,
    ...row,
  };
}

/**
 * Fills the tables of the tracker, parents first.
 *
 * @param sql Queries as the owner of the tables.
 */
export async function fillTracker(
  sql: postgres.Sql,
  source: Partial<TrackerSource>,
): Promise<void> {
  for (const [table, rows] of Object.entries(source) as [string, readonly Row[]][]) {
    for (const row of rows) {
      const columns = Object.keys(row).map((column) => `"${column}"`).join(", ");
      await sql.unsafe(
        `insert into tracker.${table} (${columns})
         select ${columns} from jsonb_populate_record(null::tracker.${table}, $1::jsonb)`,
        [row as unknown as string],
      );
    }
  }
}

/** Puts many comments on a task, a minute apart; each says its content a number of times. */
export async function manyComments(
  sql: postgres.Sql,
  options: { task?: number; count: number; content?: string; times?: number },
): Promise<void> {
  const { task = 1, count, content = "x", times = 1 } = options;
  await sql`
    insert into tracker.comments (id, task_id, user_id, content, created_at)
    select
      (select coalesce(max(id), 0) from tracker.comments) + n,
      ${task}, ${trackerId("a", 1)}, repeat(${content}, ${times}),
      timestamptz '2024-06-01 00:00:00Z' + n * interval '1 minute'
    from generate_series(1, ${count}::int) as n`;
}
