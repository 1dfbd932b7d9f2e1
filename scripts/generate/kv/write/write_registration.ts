import { call } from "../../sql/call.ts";
import { identifier } from "../../sql/identifier.ts";
import { literal } from "../../sql/literal.ts";
import { variables } from "../plan/family.ts";
import type { EntityPlan, RepresentedPlan, StorePlan } from "../plan/store_plan.ts";
import { familyCondition } from "./family_condition.ts";
import { targetName, viewName } from "./names_of.ts";
import { hasOneVariable, keySql, segmentSql } from "./segment_sql.ts";

/** Writes what tells the engine of the pipeline, its entities, its rules and findings. */
export function writeRegistration(plan: StorePlan): string {
  const { pipeline } = plan;
  const parts = plan.entities.some(({ sources }) => sources.some(({ kind }) => kind === "parts"));
  const [first] = plan.entities;
  return [
    call("define_pipeline", [
      ["name", literal(pipeline)],
      ["description", literal(plan.description)],
      ["source", literal(viewName(plan, "source"))],
      ["source_pattern", literal(plan.pattern)],
    ]),
    ...parts
      ? [call("define_parts", [
        ["pipeline", literal(pipeline)],
        ["parts", literal(viewName(plan, "parts"))],
        ["staging", literal(`staging.${identifier(`${pipeline}_parts`)}`)],
      ])]
      : [],
    ...plan.entities.flatMap((entity) => [
      call("define_entity", [
        ["pipeline", literal(pipeline)],
        ["name", literal(entity.name)],
        ["target", literal(targetName(plan, entity.name))],
        ...secretsOf(plan, entity).length > 0
          ? [
            ["secret_fields", `array[${secretsOf(plan, entity).map(literal).join(", ")}]`] as const,
          ]
          : [],
        ...isSelfContained(entity) ? [["self_contained", "true"] as const] : [],
      ]),
      ...rulesOf(plan, entity),
    ]),
    ...plan.represented.flatMap((each) => coverage(plan, each)),
    rule(plan, first!.name, "unclaimed", "finding", "a key of the store is of no family known", {
      query: `select key as source_key from ${viewName(plan, "keys")} where family is null`,
    }),
  ].join("\n");
}

/** Secret members of an entity's documents, and those that hold elements with secrets. */
function secretsOf(plan: StorePlan, { secrets, sources }: EntityPlan): string[] {
  const families = sources.flatMap((source) => source.kind === "records" ? [source.family] : []);
  const holders = plan.entities.filter((child) => child.secrets.length > 0).flatMap((child) =>
    child.sources.flatMap((source) =>
      source.kind === "parts" && source.part.member !== "" && families.includes(source.family)
        ? [source.part.member]
        : []
    )
  );
  return [...new Set([...secrets, ...holders])];
}

/** Whether each row follows from one record: its key and its value. */
function isSelfContained({ sources, columns }: EntityPlan): boolean {
  return sources.every(({ kind }) => kind !== "parts") &&
    columns.every(({ origins }) => origins.every(({ from }) => from !== "attribute"));
}

function rule(
  { pipeline }: StorePlan,
  entity: string,
  name: string,
  action: "reject" | "finding",
  reason: string,
  what: { readonly condition: string } | { readonly query: string },
): string {
  const [kind, sql] = Object.entries(what)[0]!;
  return call("define_rule", [
    ["pipeline", literal(pipeline)],
    ["entity", literal(entity)],
    ["name", literal(name)],
    ["action", literal(action)],
    ["reason", literal(reason)],
    [kind, `$$\n    ${sql.replaceAll("\n", "\n    ")}\n  $$`],
  ]);
}

function rulesOf(plan: StorePlan, entity: EntityPlan): string[] {
  const records = entity.sources.filter(({ kind }) => kind === "records");
  const areObjects =
    entity.columns.every(({ origins }) => origins.every(({ from }) => from !== "value")) &&
    records.length > 0;
  return [
    ...areObjects
      ? [
        rule(plan, entity.name, "is_a_record", "reject", "the value is not a record", {
          condition: "jsonb_typeof(source_row) = 'object'\n" +
            "or (jsonb_typeof(source_row) = 'string' and source_row #>> '{}' ~ '^\\s*{')",
        }),
      ]
      : [],
    ...copies(plan, entity),
    ...others(plan, entity),
    ...entity.orphans.map(({ column, parent, parentColumn }, nth) =>
      rule(
        plan,
        entity.name,
        `orphans${nth === 0 ? "" : `_${nth + 1}`}`,
        "finding",
        `${column} names no row of ${parent}`,
        {
          query: [
            "select child.source_key",
            `from ${viewName(plan, entity.name)} as child`,
            `where child.${identifier(column)} is not null`,
            "  and not exists (",
            "    select",
            `    from ${targetName(plan, parent)} as parent`,
            `    where parent.${identifier(parentColumn)}::text = child.${
              identifier(column)
            }::text`,
            "  )",
          ].join("\n"),
        },
      )
    ),
  ];
}

/** Documents that hold something else where there should be elements: they give no rows. */
function others(plan: StorePlan, entity: EntityPlan): string[] {
  const families = plan.families.map((each) => each.family);
  return entity.sources.flatMap((source, nth) => {
    if (source.kind !== "parts") return [];
    const { member, isMap } = source.part;
    const container = member === "" ? "legacy.record" : `legacy.record -> ${literal(member)}`;
    return [
      rule(
        plan,
        entity.name,
        `no_elements${nth === 0 ? "" : `_${nth + 1}`}`,
        "finding",
        `${member === "" ? "the value" : member} is no ${
          isMap ? "object" : "array"
        }, and becomes no rows`,
        {
          query: [
            "select legacy.key as source_key",
            `from ${viewName(plan, "records")} as legacy`,
            `where ${familyCondition(source.family, families, "legacy.key")}`,
            `  and jsonb_typeof(${container}) not in (${isMap ? "'object'" : "'array'"}, 'null')`,
          ].join("\n"),
        },
      ),
    ];
  });
}

/** Copies of records that say something else. */
function copies(plan: StorePlan, entity: EntityPlan): string[] {
  const families = plan.families.map((each) => each.family);
  return plan.families.filter(({ role, entity: of }) => role === "copy" && of === entity)
    .flatMap(({ family }, nth) => {
      const [first] = entity.sources;
      if (first?.kind !== "records" || !hasOneVariable(first.family)) return [];
      const key = keySql(
        first.family,
        new Map([[variables(first.family)[0]!, "(copies.record ->> 'id')"]]),
      );
      return [
        rule(
          plan,
          entity.name,
          `copies_differ${nth === 0 ? "" : `_${nth + 1}`}`,
          "finding",
          `a copy under ${family.template} differs from the record, which was taken`,
          {
            query: [
              "select copies.key as source_key",
              `from ${viewName(plan, "records")} as copies`,
              `join ${viewName(plan, "records")} as originals`,
              `  on originals.key = ${key}`,
              `where ${familyCondition(family, families, "copies.key")}`,
              "  and copies.record <> originals.record",
            ].join("\n"),
          },
        ),
      ];
    });
}

/** What lists and look-ups say, held against the rows, in both directions. */
function coverage(
  plan: StorePlan,
  { family, role, entity, column, member, name }: RepresentedPlan,
): string[] {
  const families = plan.families.map((each) => each.family);
  const [segment] = variables(family);
  const by = segment === undefined ? "null" : segmentSql(family, segment, "legacy.key");
  const target = plan.entities.find((each) => each.name === entity)!;
  const id = identifier(target.primaryKey.at(-1)!);
  const pairs = role === "list"
    ? [
      `select legacy.key, ${by} as by, items.id`,
      `from ${viewName(plan, "records")} as legacy`,
      "cross join lateral jsonb_array_elements_text(",
      "  case jsonb_typeof(legacy.record) when 'array' then legacy.record else '[]' end",
      ") as items (id)",
      `where ${familyCondition(family, families, "legacy.key")}`,
    ]
    : [
      "select",
      `  legacy.key, ${by} as by,`,
      member === ""
        ? "  legacy.record #>> '{}' as id"
        : `  coalesce(legacy.record ->> ${literal(member)}, legacy.record #>> '{}') as id`,
      `from ${viewName(plan, "records")} as legacy`,
      `where ${familyCondition(family, families, "legacy.key")}`,
    ];
  const same = [
    `row_.${id}::text = said.id`,
    ...column === undefined ? [] : [`row_.${identifier(column)}::text = said.by`],
  ].join(" and ");
  const inner = pairs.map((line) => `  ${line}`).join("\n");
  const table = targetName(plan, entity);
  return [
    rule(
      plan,
      entity,
      `${name}_missing`,
      "finding",
      `${family.template} names a row that is not there`,
      {
        query: [
          "select said.key || ': ' || coalesce(said.id, '') as source_key",
          "from (",
          inner,
          ") as said",
          "where not exists (",
          "  select",
          `  from ${table} as row_`,
          `  where ${same}`,
          ")",
        ].join("\n"),
      },
    ),
    rule(
      plan,
      entity,
      `${name}_unlisted`,
      "finding",
      `a row stands in no ${family.template}`,
      {
        query: [
          `select row_.${id}::text as source_key`,
          `from ${table} as row_`,
          "where not exists (",
          "  select",
          "  from (",
          pairs.map((line) => `    ${line}`).join("\n"),
          "  ) as said",
          `  where ${same}`,
          ")",
          ...column === undefined ? [] : [`and row_.${identifier(column)} is not null`],
        ].join("\n"),
      },
    ),
  ];
}
