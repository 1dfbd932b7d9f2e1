import { assertEquals, assertStringIncludes } from "@std/assert";
import { aRule, type RuleOptions } from "../support/builders.ts";
import { counts, migrate, reasons, type RunReport } from "../support/migration.ts";
import { refusal } from "../support/refusal.ts";
import { type Setup, setup } from "./setup.ts";

Deno.test("define_rule() refuses what is wrong, and says what (LF104)", async () => {
  await using test = await setup();
  const right = { name: "rule", action: "reject", reason: "because", condition: "id > 1" } as const;
  const faults: [rule: Record<string, string | null>, says: string][] = [
    [{ name: "My rule" }, "not a lower case word"],
    [{ action: "explode" }, "its action is explode"],
    [{ action: null }, "its action"],
    [{ reason: "" }, "no reason"],
    [{ reason: null }, "no reason"],
    [{ condition: null }, "either a condition or a query"],
    [{ query: "select 'a' as source_key" }, "either a condition or a query"],
    [{ action: "defer", condition: null, query: "select 'a' as source_key" }, "not by a query"],
    [{ condition: "id >" }, "syntax error"],
    [{ condition: "nope > 1" }, 'column "nope" does not exist'],
    [{ condition: "id" }, "must be type boolean"],
    [{ condition: "count(*) > 1" }, "aggregate functions are not allowed"],
    [{ condition: "true; drop table items" }, "syntax error"],
    [{ condition: null, query: "select 1 as nothing" }, 'column "source_key" does not exist'],
    [{ condition: null, query: "delete from items returning 'a' as source_key" }, "syntax error"],
  ];

  for (const [fault, says] of faults) {
    const rule = { ...right, ...fault } as RuleOptions;
    const { code, message } = await refusal(
      aRule(test.sql, "shop", "items", rule),
      JSON.stringify(fault),
    );
    assertEquals(code, "LF104", message);
    assertStringIncludes(message, says);
  }
  const nowhere = await refusal(aRule(test.sql, "shop", "nope", right));
  assertEquals(nowhere.code, "LF104");
});

Deno.test("a reject rule rejects the rows that do not meet it; null passes", async () => {
  await using test = await ruled(SMALL);

  const report = await test.migrate();

  assertEquals(counts(report), { source: 4, inserted: 2, rejected: 2 });
  assertEquals(reasons(report), { "id is missing": ["r0004"], "too large": ["r0003"] });
});

Deno.test("a reject rule with a query rejects the rows it names", async () => {
  await using test = await ruled({
    name: "outlier",
    action: "reject",
    reason: "larger than all others",
    query: `select source_key from transform.shop_items
      where id = (select max(id) from transform.shop_items) union all select null`,
  });

  const report = await test.migrate();

  assertEquals(reasons(report), {
    "id is missing": ["r0004"],
    "larger than all others": ["r0003"],
  });
});

Deno.test("a finding counts the rows that do not meet it, and stops none", async () => {
  await using test = await ruled({ ...SMALL, action: "finding" });

  const report = await test.migrate();

  assertEquals(counts(report), { source: 4, inserted: 3, rejected: 1 });
  assertEquals(findings(report), [{
    finding: "small",
    reason: "too large",
    count: 1,
    sample: ["r0003"],
  }]);
});

Deno.test("a finding with a query may name what is not there", async () => {
  await using test = await ruled({
    name: "missing",
    action: "finding",
    reason: "not there",
    query: "select 'k' || n as source_key from generate_series(1, 7) as n",
  });

  const report = await test.migrate();

  assertEquals(findings(report), [{
    finding: "missing",
    reason: "not there",
    count: 7,
    sample: ["k1", "k2", "k3", "k4", "k5"],
  }]);
});

Deno.test("a finding's sample is its first keys, whatever the batches", async () => {
  const sample = async (batchSize: number) => {
    await using test = await setup({
      rules: [{ name: "even", action: "finding", reason: "odd", condition: "id % 2 = 0" }],
    });
    await test.sql`
      insert into staging.shop_items
      select 'k' || lpad(n::text, 4, '0'), jsonb_build_object('id', n, 'name', 'x')
      from generate_series(1, 400) as n
      order by md5(n::text)`;
    return findings(await migrate(test.engine, "shop", { batchSize }));
  };

  for (const batchSize of [50, 400]) {
    assertEquals(await sample(batchSize), [{
      finding: "even",
      reason: "odd",
      count: 200,
      sample: ["k0001", "k0003", "k0005", "k0007", "k0009"],
    }], `${batchSize}`);
  }
});

Deno.test("a finding about a row that is rejected or does not cast is counted once", async () => {
  await using test = await setup({
    columns: "id int primary key, a int not null unique, b text",
    rules: [{ name: "named", action: "finding", reason: "no b", condition: "b is not null" }],
    rows: [{ id: 1, a: 1 }, { id: 2 }, { id: 3, a: "x" }, { id: 4, a: 1 }, { id: 5, a: 5, b: "b" }],
  });

  const reports = [await test.migrate(), await test.migrate({ batchSize: 1 })];

  for (const report of reports) {
    const [finding] = findings(report);
    assertEquals(finding, {
      finding: "named",
      reason: "no b",
      count: 4,
      sample: ["r0001", "r0002", "r0003", "r0004"],
    });
  }
});

Deno.test("a rule that raises for a row rejects that row, and says which rule", async () => {
  await using test = await ruled({ ...SMALL, condition: "10 / (id - 2) < 9" });

  const report = await test.migrate();

  assertEquals(reasons(report), {
    "id is missing": ["r0004"],
    "rule small: division by zero": ["r0002"],
    "too large": ["r0003"],
  });
});

Deno.test("ruleActions changes what a rule does for one run", async () => {
  await using test = await ruled(SMALL);

  const found = await test.migrate({ ruleActions: { small: "finding" }, limit: 2 });
  const off = await test.migrate({ ruleActions: { small: "off" } });

  assertEquals(counts(found), { source: 2, inserted: 2 });
  assertEquals(counts(off), { source: 4, inserted: 1, unchanged: 2, rejected: 1 });
  assertEquals(off.findings, []);
});

Deno.test("skipValidation leaves out the rules and keeps the constraints", async () => {
  await using test = await ruled(SMALL, {
    name: "all",
    action: "reject",
    reason: "never",
    query: "select source_key from transform.shop_items",
  });

  const report = await test.migrate({ skipValidation: true });

  assertEquals(counts(report), { source: 4, inserted: 3, rejected: 1 });
  assertEquals(reasons(report), { "id is missing": ["r0004"] });
});

Deno.test("define_rule() again changes the rule", async () => {
  await using test = await ruled(SMALL);

  await aRule(test.sql, "shop", "items", {
    ...SMALL,
    reason: "still too large",
    condition: "id < 2",
  });

  assertEquals(reasons(await test.migrate()), {
    "id is missing": ["r0004"],
    "still too large": ["r0002", "r0003"],
  });
});

Deno.test("sixty rules on one entity work", async () => {
  await using test = await ruled(
    ...Array.from({ length: 60 }, (_, nth) => ({
      name: `rule_${nth}`,
      action: nth % 2 ? "finding" as const : "reject" as const,
      reason: `over ${nth}`,
      condition: `id < 3 or ${nth} = 0`,
    })),
    ...Array.from({ length: 60 }, (_, nth) => ({
      name: `more_${nth}`,
      action: "finding" as const,
      reason: `below ${nth}`,
      condition: "id > 1",
    })),
  );

  const report = await test.migrate();

  assertEquals(Object.keys(reasons(report)).length, 30);
  assertEquals(findings(report).length, 90);
});

const SMALL: RuleOptions = {
  name: "small",
  action: "reject",
  reason: "too large",
  condition: "id < 3",
};

/** Rows 1 to 3, and one without an id. */
function ruled(...rules: RuleOptions[]): Promise<Setup> {
  return setup({
    columns: "id int primary key",
    rules,
    rows: [{ id: 1 }, { id: 2 }, { id: 3 }, {}],
  });
}

function findings({ findings }: RunReport): unknown[] {
  return findings.map(({ finding, reason, count, sample }) => ({ finding, reason, count, sample }));
}
