import { assertEquals } from "@std/assert";
import { createDatabase } from "../support/database.ts";

/** The tables as `pg_dump --schema-only` writes those of a hosted project, defaults aside. */
const USERS = [
  "instance_id uuid",
  "id uuid NOT NULL",
  "aud character varying(255)",
  "role character varying(255)",
  "email character varying(255)",
  "encrypted_password character varying(255)",
  "email_confirmed_at timestamp with time zone",
  "invited_at timestamp with time zone",
  "confirmation_token character varying(255)",
  "confirmation_sent_at timestamp with time zone",
  "recovery_token character varying(255)",
  "recovery_sent_at timestamp with time zone",
  "email_change_token_new character varying(255)",
  "email_change character varying(255)",
  "email_change_sent_at timestamp with time zone",
  "last_sign_in_at timestamp with time zone",
  "raw_app_meta_data jsonb",
  "raw_user_meta_data jsonb",
  "is_super_admin boolean",
  "created_at timestamp with time zone",
  "updated_at timestamp with time zone",
  "phone text",
  "phone_confirmed_at timestamp with time zone",
  "phone_change text",
  "phone_change_token character varying(255)",
  "phone_change_sent_at timestamp with time zone",
  "confirmed_at timestamp with time zone GENERATED ALWAYS AS (LEAST(email_confirmed_at, phone_confirmed_at)) STORED",
  "email_change_token_current character varying(255)",
  "email_change_confirm_status smallint",
  "banned_until timestamp with time zone",
  "reauthentication_token character varying(255)",
  "reauthentication_sent_at timestamp with time zone",
  "is_sso_user boolean NOT NULL",
  "deleted_at timestamp with time zone",
  "is_anonymous boolean NOT NULL",
];

const IDENTITIES = [
  "provider_id text NOT NULL",
  "user_id uuid NOT NULL",
  "identity_data jsonb NOT NULL",
  "provider text NOT NULL",
  "last_sign_in_at timestamp with time zone",
  "created_at timestamp with time zone",
  "updated_at timestamp with time zone",
  "email text GENERATED ALWAYS AS (lower((identity_data ->> 'email'::text))) STORED",
  "id uuid NOT NULL",
];

/** Those of every project; Auth gives some projects more, to list users by. */
const INDEXES = [
  "CREATE INDEX identities_email_idx ON auth.identities USING btree (email text_pattern_ops)",
  "CREATE UNIQUE INDEX identities_pkey ON auth.identities USING btree (id)",
  "CREATE UNIQUE INDEX identities_provider_id_provider_unique ON auth.identities USING btree (provider_id, provider)",
  "CREATE INDEX identities_user_id_idx ON auth.identities USING btree (user_id)",
  "CREATE UNIQUE INDEX confirmation_token_idx ON auth.users USING btree (confirmation_token) WHERE ((confirmation_token)::text !~ '^[0-9 ]*$'::text)",
  "CREATE UNIQUE INDEX email_change_token_current_idx ON auth.users USING btree (email_change_token_current) WHERE ((email_change_token_current)::text !~ '^[0-9 ]*$'::text)",
  "CREATE UNIQUE INDEX email_change_token_new_idx ON auth.users USING btree (email_change_token_new) WHERE ((email_change_token_new)::text !~ '^[0-9 ]*$'::text)",
  "CREATE UNIQUE INDEX reauthentication_token_idx ON auth.users USING btree (reauthentication_token) WHERE ((reauthentication_token)::text !~ '^[0-9 ]*$'::text)",
  "CREATE UNIQUE INDEX recovery_token_idx ON auth.users USING btree (recovery_token) WHERE ((recovery_token)::text !~ '^[0-9 ]*$'::text)",
  "CREATE UNIQUE INDEX users_email_partial_key ON auth.users USING btree (email) WHERE (is_sso_user = false)",
  "CREATE INDEX users_instance_id_email_idx ON auth.users USING btree (instance_id, lower((email)::text))",
  "CREATE INDEX users_instance_id_idx ON auth.users USING btree (instance_id)",
  "CREATE INDEX users_is_anonymous_idx ON auth.users USING btree (is_anonymous)",
  "CREATE UNIQUE INDEX users_phone_key ON auth.users USING btree (phone)",
  "CREATE UNIQUE INDEX users_pkey ON auth.users USING btree (id)",
];

for (const [table, columns] of [["users", USERS], ["identities", IDENTITIES]] as const) {
  Deno.test(`platform.sql gives auth.${table} the columns that Supabase Auth gives it`, async () => {
    await using database = await createDatabase();

    const found = await database.sql`
      select
        attname || ' ' || format_type(atttypid, atttypmod)
        || case when attnotnull then ' NOT NULL' else '' end
        || case when attgenerated = 's'
             then ' GENERATED ALWAYS AS (' || pg_get_expr(adbin, adrelid) || ') STORED'
             else ''
           end as column
      from pg_catalog.pg_attribute
      left join pg_catalog.pg_attrdef on adrelid = attrelid and adnum = attnum
      where attrelid = ${`auth.${table}`}::regclass and attnum > 0
      order by attnum`;

    assertEquals(found.map(({ column }) => column), [...columns]);
  });
}

Deno.test("platform.sql gives them the indexes that Supabase Auth gives them", async () => {
  await using database = await createDatabase();

  const found = await database.sql`
    select indexdef
    from pg_catalog.pg_indexes
    where schemaname = 'auth'
    order by tablename collate "C", indexname collate "C"`;

  assertEquals(found.map(({ indexdef }) => indexdef), INDEXES);
});
