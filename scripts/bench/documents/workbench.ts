import postgres from "postgres";
import { applyMigrations } from "../../stack/apply_migrations.ts";
import { startPostgres } from "../../stack/postgres.ts";
import { temporaryFolder } from "../../stack/temporary_folder.ts";

/** A Postgres that writes safely to disk, with a tracker full of tasks. */
export interface Workbench extends AsyncDisposable {
  /** Queries as the owner. */
  readonly sql: postgres.Sql;
  readonly url: string;
  /** A folder for files. */
  readonly folder: string;
}

/** Starts a Postgres in a temporary folder, which goes with it. */
export async function startWorkbench(tasks: number): Promise<Workbench> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await temporaryFolder());
  const server = starting.use(
    await startPostgres({ folder: folder.path, password: crypto.randomUUID() }),
  );
  await applyMigrations(server.url());
  const sql = postgres(server.url(), { max: 1, onnotice: () => {} });
  starting.defer(() => sql.end());
  await fill(sql, tasks);
  const running = starting.move();
  return {
    sql,
    url: server.url(),
    folder: folder.path,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Each task has five comments, and labels and assignees: one and a half of each in the mean. */
async function fill(sql: postgres.Sql, tasks: number): Promise<void> {
  const uuid = (kind: string, n: string) =>
    `('${kind.repeat(8)}-0000-4000-8000-' || lpad((${n})::text, 12, '0'))::uuid`;
  await sql.unsafe(`
    insert into tracker.organizations (id, name)
    select n, 'Organization ' || n from generate_series(1, 10) as n;
    insert into tracker.users (id, name, email)
    select ${uuid("a", "n")}, 'User ' || n, 'user' || n || '@example.org'
    from generate_series(1, 1000) as n;
    insert into tracker.org_members (org_id, user_id, role)
    select 1 + n % 10, ${uuid("a", "n")}, 'member' from generate_series(1, 1000) as n;
    insert into tracker.projects (id, org_id, name)
    select ${uuid("b", "n")}, 1 + n % 10, 'Project ' || n from generate_series(1, 100) as n;
    insert into tracker.labels (id, org_id, name, color)
    select n, 1 + n % 10, 'label ' || n, '#ff0000' from generate_series(1, 50) as n;

    insert into tracker.tasks (id, project_id, title, description, estimate, due_date, external_id)
    select
      n, ${uuid("b", "1 + n % 100")}, 'Task ' || n, repeat('What is to be done. ', 8),
      (n % 40) * 0.25, date '2024-01-01' + n % 365, ${uuid("c", "n")}
    from generate_series(1, ${tasks}) as n;
    insert into tracker.comments (id, task_id, user_id, content, created_at)
    select
      5 * n + nth, n, ${uuid("a", "1 + (n + nth) % 1000")}, 'Comment ' || nth || ': ' ||
      repeat('looks good to me. ', 4), timestamptz '2024-01-01' + n * interval '1 minute'
        + nth * interval '1 hour'
    from generate_series(1, ${tasks}) as n, generate_series(1, 5) as nth;
    insert into tracker.task_labels (task_id, label_id)
    select n, 1 + (n + nth) % 50
    from generate_series(1, ${tasks}) as n, generate_series(1, 1 + n % 2) as nth;
    insert into tracker.task_assignees (task_id, user_id)
    select n, ${uuid("a", "1 + (n + nth) % 1000")}
    from generate_series(1, ${tasks}) as n, generate_series(1, 1 + n % 2) as nth;
  `);
  await sql`analyze`;
}
