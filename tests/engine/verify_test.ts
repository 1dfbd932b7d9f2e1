import { assertEquals, assertMatch } from "@std/assert";
import { migrate, rollBack, type VerificationReport, verify } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { type Setup, setup } from "./setup.ts";

const TEAMS = { name: "teams", columns: "id int primary key, name text not null" } as const;
const PEOPLE = {
  columns: `
    id int primary key, name text not null, note text, credit numeric(12,2) not null,
    born timestamptz not null, team int references teams`,
  sums: ["credit"],
} as const;

/** Two teams and three people, migrated. */
async function migrated(): Promise<Setup> {
  const test = await setup({ ...TEAMS, rows: [{ id: 1, name: "red" }, { id: 2, name: "blue" }] }, {
    ...PEOPLE,
    rows: [1, 2, 3].map((id) => ({
      id,
      name: `n${id}`,
      note: "a long text that could be cut",
      credit: 10.25 * id,
      born: "2020-05-01T12:00:00Z",
      team: 1,
    })),
  });
  await migrate(test.engine, "shop");
  return test;
}

Deno.test("verify() finds a migration clean, of a pipeline and of a run", async () => {
  await using test = await migrated();

  for (const report of [await verify(test.engine, "shop"), await verify(test.engine, 1)]) {
    assertEquals([report.state, report.differences], ["clean", []]);
    const people = report.entities.find(({ entity }) => entity === "items")!;
    assertEquals([people.source, people.migrated], [3, 3]);
    assertEquals(people.sums, { credit: ["61.50", "61.50"] });
  }
});

Deno.test("verify() finds every kind of damage to the target, with keys and both values", async () => {
  const damages: [damage: string, found: Record<string, unknown>][] = [
    ["update items set name = 'x' where id = 2", {
      "items value name": ["r0002", "2", "n2", "x"],
    }],
    ["update items set note = left(note, 10) where id = 1", {
      "items value note": ["r0001", "1", "a long text that could be cut", "a long tex"],
    }],
    ["update items set note = null where id = 1", {
      "items value note": ["r0001", "1", "a long text that could be cut", null],
    }],
    ["update items set credit = credit + 0.01 where id = 3", {
      "items value credit": ["r0003", "3", "30.75", "30.76"],
      "items sum credit": [null, null, "61.50", "61.51"],
    }],
    ["update items set born = born + interval '2 hours' where id = 3", {
      "items value born": ["r0003", "3", "2020-05-01 12:00:00+00", "2020-05-01 14:00:00+00"],
    }],
    ["update items set team = 2 where id = 2", { "items value team": ["r0002", "2", "1", "2"] }],
    ["delete from items where id = 2", {
      "items lost ": ["r0002", "2", null, null],
      "items sum credit": [null, null, "61.50", "41.00"],
    }],
    ["insert into teams values (9, 'green')", { "teams unknown ": [null, "9", null, null] }],
    [
      "alter table items drop constraint items_team_fkey; delete from teams where id = 1;" +
      " alter table items add constraint other foreign key (team) references teams not valid",
      {
        "teams lost ": ["r0001", "1", null, null],
        "items orphan team has no row in public.teams": [null, "1", null, null],
      },
    ],
    ["delete from staging.shop_items where key = 'r0003'", {
      "items vanished ": ["r0003", "3", null, null],
    }],
    ['insert into staging.shop_teams values (\'r9\', \'{"id": 9, "name": "green"}\')', {
      "teams unmigrated ": ["r9", null, null, null],
    }],
    [`update staging.shop_teams set row = '{"id": "two", "name": "blue"}' where key = 'r0002'`, {
      "teams failing id: invalid input syntax for type integer": ["r0002", null, null, null],
    }],
  ];
  for (const [damage, expected] of damages) {
    await using test = await migrated();
    await test.sql.unsafe(damage);

    const report = await verify(test.engine, "shop");

    assertEquals([report.state, found(report)], ["different", expected], damage);
  }
});

Deno.test("verify() looks at rows whose source was rejected since: they stand as they were written", async () => {
  for (
    const [damage, kind] of [
      ["update teams set name = 'x' where id = 2", "changed"],
      ["delete from teams where id = 2", "lost"],
    ]
  ) {
    await using test = await migrated();
    await test.stage([{ id: 1, name: "red" }, { id: 2 }], "teams");
    await migrate(test.engine, "shop");
    assertEquals((await verify(test.engine, "shop")).state, "clean");

    await test.sql.unsafe(damage!);

    assertEquals(found(await verify(test.engine, "shop")), {
      [`teams ${kind} `]: ["r0002", "2", null, null],
    });
  }
});

Deno.test("verify() refuses a run that is rolled back (LF501) and an unknown verification (LF502)", async () => {
  await using test = await migrated();
  await rollBack(test.engine, 1);

  const gone = await refusal(test.engine`select landfall.verify(null, 1)`);
  const unknown = await refusal(test.engine`select landfall.verification_report(7)`);

  assertEquals([gone.code, unknown.code], ["LF501", "LF502"]);
});

/** The first sample of each kind of difference: keys, what was expected, and what is there. */
function found({ differences }: VerificationReport): Record<string, unknown> {
  return Object.fromEntries(
    differences.map(({ entity, kind, name, sample }) => [
      `${entity} ${kind} ${name}`,
      [sample[0]!.sourceKey, sample[0]!.targetKey, sample[0]!.expected, sample[0]!.actual],
    ]),
  );
}

Deno.test("lineage is looked up by its source key, however old the statistics are", async () => {
  await using test = await setup();
  await test.sql`
    insert into landfall.lineage (entity_id, run_id, given_hash, source_key, target_key)
    select 1, 1, 0, n::text, n::text from generate_series(1, 20000) as n`;
  await test.sql`analyze landfall.lineage`;

  const plan = await test.sql`
    explain select * from landfall.lineage where entity_id = 2 and source_key = '7'`;

  assertMatch(String(plan[0]!["QUERY PLAN"]), /^Index Scan using lineage_pkey on lineage /);
});
