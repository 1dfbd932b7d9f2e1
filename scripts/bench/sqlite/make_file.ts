import { DatabaseSync } from "node:sqlite";

/**
 * Makes a SQLite file as a small app leaves it: users, their jobs, their credits.
 *
 * @param records Rows of all tables together: a row in eleven is a user, four are jobs.
 */
export function makeFile(path: string, records: number): void {
  const users = Math.ceil(records / 11);
  const jobs = users * 4;
  using database = new DatabaseSync(path);
  database.exec(`
    pragma journal_mode = off;
    pragma synchronous = off;

    create table users (
      id integer primary key, email text, created_at text, last_login text
    );
    create table jobs (
      id text primary key, user_id integer, job_type text, status text, created_at text,
      updated_at text, source_file text, result_file text, metadata text
    );
    create table credit_transactions (
      id integer primary key, user_id integer, amount integer, transaction_type text,
      reference_id text, created_at text, description text
    );

    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${users})
    insert into users
    select n, 'user' || n || '@example.com', datetime(1600000000 + n, 'unixepoch'),
      iif(n % 7 = 0, null, '2024-01-01T10:00:00Z')
    from numbers;

    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${jobs})
    insert into jobs
    select printf('job-%08d', n), 1 + n % ${users}, 'convert', iif(n % 20 = 0, 'failed', 'done'),
      datetime(1600000000 + n, 'unixepoch'), datetime(1600000060 + n, 'unixepoch'),
      'uploads/' || n || '/Müller & Søn.pdf', iif(n % 20 = 0, null, 'results/' || n || '.docx'),
      json_object('pages', n % 50, 'language', 'en')
    from numbers;

    with recursive numbers (n) as (
      select 1 union all select n + 1 from numbers where n < ${records - users - jobs}
    )
    insert into credit_transactions
    select n, 1 + n % ${users}, n % 100 - 50, 'usage', printf('job-%08d', 1 + n % ${jobs}),
      datetime(1600000000 + n, 'unixepoch'), 'Conversion of file ' || n
    from numbers;
  `);
}
