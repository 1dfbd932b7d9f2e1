import { assertEquals } from "@std/assert";
import type { EntityPlan } from "../../scripts/generate/kv/plan/store_plan.ts";
import { projectFolder } from "../../scripts/stack/local_folder.ts";
import { rollBack, verify } from "../support/migration.ts";
import { storePipeline } from "../support/store_pipeline.ts";

/** Accounts that the store `owned` names. */
const ACCOUNTS = Array.from({ length: 9 }, (_, n) => `00000000-0000-4000-8000-00000000000${n + 1}`);

/** The tables of each store: their keys and what they refer to; and the keys that are left out. */
const STORES: Readonly<
  Record<string, { tables: readonly string[]; excluded?: readonly string[] }>
> = {
  trips: {
    tables: [
      "trips (id)",
      "trip_days (trip_id, place) trip_id → trips",
    ],
  },
  tasks: {
    tables: [
      "users (id)",
      "projects (id) admin_id → users",
      "tasks (id) assignee_id → users, created_by → users, project_id → projects",
      "project_members (project_id, user_id) project_id → projects, user_id → users",
    ],
  },
  gallery: {
    tables: [
      "admins (id)",
      "app_clients (id) admin_id → admins",
      "galleries (id) admin_id → admins, client_id → app_clients",
      "gallery_photos (gallery_id, id) gallery_id → galleries",
    ],
  },
  budget: {
    tables: [
      "users (id)",
      "categories (user_id, id)",
      "expenses (user_id, id)",
    ],
  },
  waste: {
    tables: [
      "bins (id)",
      "reports (id) bin_id → bins, user_id ~ users",
      "users (id)",
      "quiz_questions (id)",
      "app_settings (name)",
    ],
  },
  rental: {
    tables: [
      "vehicles (id)",
      "bookings (id) vehicle_id → vehicles, customer_id ~ customers",
      "customers (id)",
      "crm_contacts (id) customer_id → customers",
      "crm_activities (id) contact_id → crm_contacts",
      "crm_contact_tasks (key) contact_id → crm_contacts",
      "invoices (id) booking_id → bookings",
      "invoice_items (invoice_id, place) invoice_id → invoices",
    ],
  },
  books: {
    tables: [
      "user_profiles (id)",
      "reading_lists (id) user_id → user_profiles",
      "saved_books (user_id, segment_3, id) user_id → user_profiles, list_id ~ reading_lists",
    ],
  },
  crisis: {
    tables: [
      "users (key)",
      "chats (id) sender_id → users",
      "volunteers (id) user_id → users",
      "needs (id) user_id → users, volunteer_id → volunteers",
    ],
    excluded: ["system:initialized:v3"],
  },
  events: {
    tables: [
      "users (id)",
      "events (id) creator_id → users",
      "chats (id) event_id → events",
      "messages (id) chat_id → chats, user_id → users",
      "event_attendees (event_id, place) event_id → events, user_id → users",
    ],
  },
  stock: {
    tables: [
      "companies (id)",
      "suppliers (id) company_id → companies",
      "app_products (id) company_id → companies, supplier_id → suppliers",
      "users (id) company_id → companies",
      "stock_entries (id) company_id → companies, created_by → users, product_id → app_products, supplier_id → suppliers",
      "stock_movements (id) company_id → companies, entry_id → stock_entries, product_id → app_products, user_id → users",
    ],
    excluded: ["company_password:<id>", "session:<id>"],
  },
  civic: {
    tables: [
      "reports (id)",
      "trainings (id) report_id → reports",
      "app_settings (name)",
    ],
  },
  clinic: {
    tables: [
      "users (id)",
      "appointments (id) doctor_id → users, patient_id → users",
      "doctor_availability (user_id) user_id → users",
      "medical_records (id) appointment_id → appointments, patient_id → users",
      "doctor_availability_slots (doctor_availability_id, place) doctor_availability_id → doctor_availability",
      "medical_record_prescriptions (medical_record_id, place) medical_record_id → medical_records",
    ],
    excluded: ["initialized"],
  },
  gifts: {
    tables: [
      "app_clients (id)",
      "app_employees (id)",
      "gifts (environment, id)",
      "site_gift_assignments (site_id, gift_id)",
      "app_sites (environment, id) client_id → app_clients",
    ],
    excluded: ["password_reset:<id>"],
  },
  owned: {
    tables: [
      "app_profiles (id) of id",
      "groups (id) owner_id → app_profiles, of owner_id",
      "lists (id) user_id → app_profiles, of user_id",
      "notes (id) user_id → app_profiles, of user_id",
      "app_orders (id) user_id → app_profiles, of user_id",
      "settings (user_id) user_id → app_profiles, of user_id",
      "group_members (group_id, profile_id) group_id → groups, profile_id → app_profiles, of profile_id",
      "group_roles (group_id, name) group_id → groups",
      "list_metas (list_id, name) list_id → lists, done_by → app_profiles",
      "order_items (order_id, place) order_id → app_orders",
      "items (id) list_id → lists, added_by → app_profiles",
    ],
    excluded: [
      "cache:exchange-rates",
      "cache:weather:<id>",
      "otp:<id>",
      "rl:<id>:login",
      "rl:<id>:notes",
    ],
  },
};

for (const [name, { tables, excluded = [] }] of Object.entries(STORES)) {
  Deno.test(`generate kv: ${name} becomes tables, and these give it back`, async () => {
    await using store = await storePipeline(
      `${projectFolder}/tests/fixtures/stores/${name}.ndjson`,
    );
    for (const id of ACCOUNTS) await store.sql`insert into auth.users (id) values (${id})`;

    const { plan, run } = await store.move();

    assertEquals(plan.entities.map(described), tables);
    assertEquals([run.state, run.rejects], ["completed", []]);
    assertEquals((await verify(store.engine, "app")).state, "clean");
    const again = await store.migrate();
    assertEquals(
      again.entities.map(({ inserted, updated }) => inserted + updated).find(Boolean),
      undefined,
    );

    const account = await store.account();
    assertEquals(account.reduce((sum, { keys }) => sum + keys, 0), plan.keys);
    assertEquals(
      account.filter(({ outcome }) => outcome === "excluded").map(({ family }) => family),
      excluded,
    );
    assertEquals((await store.losses()).filter(({ why }) => why === null), []);

    for (const runId of [2, 1]) assertEquals((await rollBack(store.engine, runId)).leftovers, []);
    assertEquals((await store.account()).filter(({ rows }) => rows > 0), []);
  });
}

Deno.test("generate kv: keys that are words and nothing else are ids, where they are many", async () => {
  await using store = await storePipeline();
  const words = ["a", "b", "c", "d", "e"].flatMap((head) =>
    "abcdefghijklmnopqrstuvwxyz".split("").map((tail) => `${head}-link-${tail}`)
  ).concat("l".repeat(60));
  const links = words.map((word, n) => [word, { url: `https://example.com/${word}`, visits: n }]);
  await store.make({ ...Object.fromEntries(links), "banner:text": "Hello" });

  await store.move();

  assertEquals(
    (await store.account()).map(({ family, keys, rows }) => [family, keys, rows]),
    [["<word>", 131, 131], ["banner:text", 1, 1]],
  );
});

/** `order_items (order_id, id) order_id → orders`. */
function described({ name, primaryKey, foreignKeys, orphans, owner }: EntityPlan): string {
  const references = [
    ...foreignKeys.map(({ columns, parent, postponed }) =>
      `${columns.join("+")} ${postponed ? "⇢" : "→"} ${parent}`
    ),
    ...orphans.map(({ column, parent }) => `${column} ~ ${parent}`),
    ...owner === undefined ? [] : [`of ${owner.column}`],
  ];
  return [`${name} (${primaryKey.join(", ")})`, references.join(", ")].filter(Boolean).join(" ");
}
