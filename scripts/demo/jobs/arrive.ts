import type postgres from "postgres";

/**
 * Lets some of the old app's users sign up at the new one, confirm their address and be signed in by
 * that: the rows that Supabase Auth writes.
 *
 * @param sql Queries as `postgres`.
 * @param round Users are taken by fives: 0 to 4.
 * @returns How many accounts there are more.
 */
export async function arrive(sql: postgres.Sql, round: number): Promise<number> {
  const arrived = await sql`
    insert into auth.users (
      instance_id, id, aud, role, email, encrypted_password, email_confirmed_at,
      raw_app_meta_data, raw_user_meta_data, confirmation_token, recovery_token,
      email_change_token_new, email_change, created_at, updated_at, last_sign_in_at
    )
    select
      '00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'authenticated',
      'authenticated', people.address, '', clock_timestamp(),
      '{"provider": "email", "providers": ["email"]}', '{"email_verified": true}', '', '',
      '', '', now(), clock_timestamp(), clock_timestamp()
    from (
      select distinct lower(btrim(email)) as address
      from staging.jobs_users
      where email is not null and id::int % 5 = ${round}
    ) as people
    where not exists (select from auth.users where users.email = people.address)`;
  return arrived.count;
}
