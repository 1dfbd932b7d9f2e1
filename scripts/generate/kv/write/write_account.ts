import { identifier } from "../../sql/identifier.ts";
import { literal } from "../../sql/literal.ts";
import type { StorePlan } from "../plan/store_plan.ts";
import { familyCondition } from "./family_condition.ts";
import { viewName } from "./names_of.ts";
import { view } from "./write_store.ts";

/**
 * Writes the views that account for the store: its families, each key's family, what became of
 * them, and where the store and what the tables give back differ.
 */
export function writeAccount(plan: StorePlan): string[] {
  return [
    view(
      viewName(plan, "families"),
      [
        "select family, template, outcome, entity, why",
        "from (",
        "  values",
        plan.families.map(({ family, outcome, entity, why }) =>
          `    (${family.id}, ${literal(family.template)}, ${literal(outcome)}, ${
            entity === undefined ? "null" : literal(entity.name)
          }, ${literal(why)})`
        ).join(",\n"),
        ") as families (family, template, outcome, entity, why)",
      ].join("\n"),
      "The families of keys, and what becomes of each.",
    ),
    view(
      viewName(plan, "keys"),
      [
        "select",
        "  key,",
        "  value,",
        "  record,",
        "  case",
        ...plan.families.map(({ family }) =>
          `    when ${
            familyCondition(family, plan.families.map((each) => each.family), "key")
          } then ${family.id}`
        ),
        "  end as family",
        `from ${viewName(plan, "records")}`,
      ].join("\n"),
      "The keys of the store, each with its family; null for one that came later, of no family.",
    ),
    account(plan),
    losses(plan),
  ];
}

/** A table of all families: how many keys, and what became of them. */
function account(plan: StorePlan): string {
  const parts = plan.entities.some(({ sources }) => sources.some(({ kind }) => kind === "parts"));
  const staged = `staging.${identifier(`${plan.pipeline}_parts`)}`;
  const mine = [
    "    select entities.id",
    "    from landfall.entities",
    `    where entities.pipeline = ${literal(plan.pipeline)}`,
  ].join("\n");
  return view(
    viewName(plan, "account"),
    [
      "with rows_ as (",
      "  select source_key, 1 as migrated, 0 as rejected",
      "  from landfall.lineage",
      "  where entity_id in (",
      mine,
      "  )",
      "  union all",
      "  select source_key, 0, 1",
      "  from landfall.rejects",
      "  where settled_by is null and entity_id in (",
      mine,
      "  )",
      "),",
      "",
      "of_keys as (",
      ...parts
        ? [
          "  select coalesce(parts.key, rows_.source_key) as key, rows_.migrated, rows_.rejected",
          "  from rows_",
          `  left join ${staged} as parts on parts.source_key = rows_.source_key`,
        ]
        : ["  select source_key as key, migrated, rejected", "  from rows_"],
      ")",
      "",
      "select",
      "  coalesce(families.template, '(of no family)') as family,",
      "  coalesce(families.outcome, 'excluded') as outcome,",
      "  families.entity,",
      "  count(*) as keys,",
      "  coalesce(sum(done.migrated), 0)::bigint as rows,",
      "  coalesce(sum(done.rejected), 0)::bigint as rejected,",
      "  coalesce(families.why, 'it came after the pipeline was made') as why",
      `from ${viewName(plan, "keys")} as keys`,
      `left join ${viewName(plan, "families")} as families on families.family = keys.family`,
      "left join (",
      "  select key, sum(migrated) as migrated, sum(rejected) as rejected",
      "  from of_keys",
      "  group by key",
      ") as done on done.key = keys.key",
      "group by families.template, families.outcome, families.entity, families.why",
      "order by 1",
    ].join("\n"),
    "What became of the store's keys, family by family.",
  );
}

/** Where the store and what the tables give back differ, and why. */
function losses(plan: StorePlan): string {
  const secrets = plan.entities.flatMap((entity) => entity.secrets);
  const later = plan.families.filter(({ role }) => role === "generation")
    .map(({ family }) => family.id);
  const keyed = [
    ...new Set(
      plan.entities.flatMap(({ columns }) =>
        columns.flatMap(({ member, origins: [origin] }) =>
          member !== undefined && (origin!.from === "segment" || origin!.from === "key")
            ? [pathOf(member)]
            : []
        )
      ),
    ),
  ].toSorted();
  return view(
    viewName(plan, "losses"),
    [
      "select",
      "  coalesce(keys.key, restored.key) as key,",
      "  families.template as family,",
      "  differences.path,",
      "  case",
      "    when keys.value in ('[]', '{}') and restored.value is null then 'form'",
      "    else differences.kind",
      "  end as kind,",
      "  differences.original_value as original,",
      "  differences.restored_value as restored,",
      "  case",
      "    when keys.key is null then 'the store has it under another key'",
      "    when keys.family is null then 'it is of no family'",
      ...keyed.length === 0 ? [] : [
        `    when differences.kind = 'added' and differences.path in (${
          keyed.map(literal).join(", ")
        }) then 'its key says it'`,
      ],
      "    when families.outcome <> 'migrated' then families.why",
      ...later.length === 0 ? [] : [
        `    when keys.family in (${later.join(", ")}) and restored.key is null then families.why`,
      ],
      ...secrets.length === 0 ? [] : [
        `    when differences.path ~ ${
          literal(`(^|\\.)(${[...new Set(secrets)].map(escaped).join("|")})$`)
        } then 'a secret'`,
      ],
      "    when exists (",
      "      select",
      "      from landfall.rejects",
      "      join landfall.entities on entities.id = rejects.entity_id",
      `      where entities.pipeline = ${literal(plan.pipeline)}`,
      "        and rejects.settled_by is null",
      "        and (rejects.source_key = keys.key or rejects.source_key like keys.key || '#%')",
      "    ) then 'rejected'",
      "  end as why",
      `from ${viewName(plan, "keys")} as keys`,
      `full join ${viewName(plan, "restored")} as restored on restored.key = keys.key`,
      `left join ${viewName(plan, "families")} as families on families.family = keys.family`,
      ...spelled(plan),
      "where keys.value is distinct from restored.value",
    ].join("\n"),
    "Where the store and what the tables give back differ, leaf by leaf: form is the same value " +
      "otherwise written; with a reason, it was meant so.",
  );
}

/** Compares documents; members with several spellings have the one that comes back. */
function spelled(plan: StorePlan): string[] {
  const arms = plan.families.flatMap(({ family, entity, outcome }) => {
    if (entity === undefined || outcome !== "migrated") return [];
    const others = entity.columns.flatMap(({ member, origins: [origin] }) =>
      origin?.from === "member" && member !== undefined
        ? origin.names.filter((name) => name !== member).map((name) => [name, member] as const)
        : []
    );
    return others.length === 0 ? [] : [{ family, others }];
  });
  if (arms.length === 0) {
    return [
      "cross join lateral landfall.json_differences(keys.value, restored.value) as differences",
    ];
  }
  return [
    "cross join lateral (",
    "  select",
    "    case",
    ...arms.map(({ family, others }) =>
      [
        `      when keys.family = ${family.id} and jsonb_typeof(keys.record) = 'object' then (`,
        "        select jsonb_object_agg(",
        "          case members.name",
        ...others.map(([name, member]) =>
          `            when ${literal(name)} then ${literal(member)}`
        ),
        "            else members.name",
        "          end,",
        "          members.value",
        "        )",
        "        from jsonb_each(keys.record) as members (name, value)",
        "        where members.value <> 'null'",
        "      )",
      ].join("\n")
    ),
    "      else keys.value",
    "    end as value",
    ") as spelled",
    "cross join lateral landfall.json_differences(spelled.value, restored.value) as differences",
  ];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** A member of a document, as landfall.json_differences names its place. */
function pathOf(member: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(member) ? member : `[${JSON.stringify(member)}]`;
}
