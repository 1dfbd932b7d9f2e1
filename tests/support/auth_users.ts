import type postgres from "postgres";

/** What Supabase Auth does with a user; each answers with the user's id or takes it. */
export interface AuthUsers {
  /** Signs up with an e-mail address, to which a link is sent: a user who is not confirmed. */
  signUp(email: string): Promise<string>;
  /** Follows the link, which confirms the address and signs in. */
  confirm(id: string): Promise<void>;
  /** Signs in once more, by password, link or code. */
  signIn(id: string): Promise<void>;
  /** Makes a user through the admin API, who has not signed in; `confirmed` by default. */
  createUser(email: string, options?: { readonly confirmed?: boolean }): Promise<string>;
  /** Signs in through a company's identity provider, for the first time. */
  signInBySso(email: string): Promise<string>;
  /** Deletes through the admin API, so that the row stays and nobody's address is left in it. */
  softDelete(id: string): Promise<void>;
}

/**
 * Writes rows of auth.users and auth.identities as Supabase Auth writes them, column by column, for
 * tests that need people: Auth itself is a server of its own, which these tests do without.
 *
 * Auth takes every time from the clock when it writes it. So a confirmed sign-up has signed in after
 * it was created, if by little, and a user of the admin API has not signed in.
 *
 * @param sql Queries as `postgres`.
 *
 * @example A test with people
 * ```ts ignore
 * const people = authUsers(database.sql);
 * const id = await people.signUp("a@example.com");
 * await people.confirm(id);
 * ```
 */
export function authUsers(sql: postgres.Sql): AuthUsers {
  const signIn = async (id: string) => {
    await sql`
      update auth.users
      set last_sign_in_at = clock_timestamp(), updated_at = clock_timestamp()
      where id = ${id}`;
  };
  const confirm = async (id: string) => {
    await sql`
      update auth.users
      set
        email_confirmed_at = clock_timestamp(),
        confirmation_token = '',
        raw_user_meta_data = raw_user_meta_data || '{"email_verified": true}',
        updated_at = clock_timestamp()
      where id = ${id}`;
  };
  return {
    signUp: async (email) => {
      const id = await addUser(sql, email, "email");
      await sql`
        update auth.users
        set confirmation_token = md5(id::text), confirmation_sent_at = clock_timestamp()
        where id = ${id}`;
      return id;
    },
    confirm: async (id) => {
      await confirm(id);
      await sql`
        update auth.identities
        set identity_data = identity_data || '{"email_verified": true}'
        where user_id = ${id}`;
      await signIn(id);
    },
    signIn,
    createUser: async (email, { confirmed = true } = {}) => {
      const id = await addUser(sql, email, "email");
      if (confirmed) await confirm(id);
      return id;
    },
    signInBySso: async (email) => {
      const id = await addUser(sql, email, `sso:${crypto.randomUUID()}`);
      await confirm(id);
      await signIn(id);
      return id;
    },
    softDelete: (id) => softDelete(sql, id),
  };
}

async function addUser(sql: postgres.Sql, email: string, provider: string): Promise<string> {
  const id = crypto.randomUUID();
  const claims = { sub: id, email: email.toLowerCase(), email_verified: false };
  await sql`
    insert into auth.users (
      instance_id, id, aud, role, email, encrypted_password, is_sso_user,
      confirmation_token, recovery_token, email_change_token_new, email_change,
      raw_app_meta_data, raw_user_meta_data, created_at, updated_at
    )
    values (
      '00000000-0000-0000-0000-000000000000', ${id}, 'authenticated', 'authenticated',
      ${email.toLowerCase()}, '', ${provider !== "email"}, '', '', '', '',
      ${sql.json({ provider, providers: [provider] })}, ${sql.json(claims)},
      clock_timestamp(), clock_timestamp()
    )`;
  await sql`
    insert into auth.identities (
      provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at
    )
    values (
      ${id}, ${id}, ${sql.json(claims)}, ${provider},
      clock_timestamp(), clock_timestamp(), clock_timestamp()
    )`;
  return id;
}

/** Auth keeps a hash of the address, and takes the other values away. */
async function softDelete(sql: postgres.Sql, id: string): Promise<void> {
  await sql`
    update auth.users
    set
      email = ${hashOf(sql, sql`id::text || email`)},
      phone = left(${hashOf(sql, sql`id::text || coalesce(phone, '')`)}, 15),
      encrypted_password = null,
      confirmation_token = '',
      raw_app_meta_data = '{}',
      raw_user_meta_data = '{}',
      deleted_at = clock_timestamp(),
      updated_at = clock_timestamp()
    where id = ${id}`;
  await sql`
    update auth.identities
    set
      identity_data = '{}',
      provider_id = ${hashOf(sql, sql`user_id::text || provider || ':' || provider_id`)}
    where user_id = ${id}`;
}

/** SHA-256 in base64 as URLs take it, without padding. */
function hashOf(sql: postgres.Sql, text: postgres.PendingQuery<postgres.Row[]>) {
  return sql`translate(encode(sha256(convert_to(${text}, 'UTF8')), 'base64'), '+/=', '-_')`;
}
