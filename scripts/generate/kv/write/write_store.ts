import { identifier } from "../../sql/identifier.ts";
import { literal } from "../../sql/literal.ts";
import type { PartPlan, StorePlan } from "../plan/store_plan.ts";
import type { Family } from "../plan/family.ts";
import { familyCondition } from "./family_condition.ts";
import { viewName } from "./names_of.ts";

/** Writes the store as the transforms read it: its records, decoded, and the parts of these. */
export function writeStore(plan: StorePlan): string[] {
  const { pipeline } = plan;
  const store = `staging.${identifier(`${pipeline}_store`)}`;
  const encoded = plan.families.some(({ family }) => family.encoded > 0);
  return [
    [
      `create table ${store} (`,
      "  key text not null primary key,",
      "  value jsonb not null",
      ");",
      "",
      `comment on table ${store} is`,
      "'A store that was imported from a file.';",
    ].join("\n"),
    view(
      viewName(plan, "source"),
      `select\n  key,\n  value\nfrom ${store}`,
      "The store that the pipeline reads; a run binds it to a table of the project, if there is one.",
    ),
    view(
      viewName(plan, "records"),
      encoded
        ? decoded(plan)
        : `select\n  key,\n  value,\n  value as record\nfrom ${viewName(plan, "source")}`,
      encoded
        ? "The store's records; one that was encoded twice, as JSON text in a JSON text, is decoded."
        : "The store's records.",
    ),
    ...writeParts(plan),
  ];
}

function decoded(plan: StorePlan): string {
  return [
    "-- keeps the view apart: a record is decoded once, not once a column that is taken from it",
    "with apart as (select)",
    "select",
    "  key,",
    "  value,",
    "  case",
    "    when jsonb_typeof(value) = 'string' and value #>> '{}' ~ '^\\s*[[{]'",
    "      then coalesce(landfall.json_or_null(value #>> '{}'), value)",
    "    else value",
    "  end as record",
    `from ${viewName(plan, "source")}`,
  ].join("\n");
}

function writeParts(plan: StorePlan): string[] {
  const sources = plan.entities.flatMap(({ sources }) =>
    sources.flatMap((source) => source.kind === "parts" ? [source] : [])
  );
  if (sources.length === 0) return [];
  const staging = `staging.${identifier(`${plan.pipeline}_parts`)}`;
  const families = plan.families.map(({ family }) => family);
  return [
    view(
      viewName(plan, "parts"),
      sources.map(({ family, part }) => arm(plan, family, part, families)).join(
        "\n\nunion all\n\n",
      ),
      "Elements of arrays and maps in the store's documents: what has no key of its own.",
    ),
    [
      `create table ${staging} (`,
      "  part text not null,",
      "  source_key text not null,",
      "  key text not null,",
      "  place integer not null,",
      "  name text,",
      "  record jsonb not null,",
      "  primary key (part, source_key)",
      ");",
      "",
      `comment on table ${staging} is`,
      literal(`What ${plan.pipeline}_parts gives, so that an index reaches each element.`) + ";",
    ].join("\n"),
  ];
}

function arm(
  plan: StorePlan,
  family: Family,
  { name, member, isMap, objects }: PartPlan,
  families: readonly Family[],
): string {
  const container = member === "" ? "legacy.record" : `legacy.record -> ${literal(member)}`;
  const kind = isMap ? "object" : "array";
  const label = isMap
    ? "members.name"
    : objects
    ? "coalesce(items.element ->> 'id', items.place::text)"
    : "coalesce(items.element #>> '{}', items.place::text)";
  const guarded = `case jsonb_typeof(${container}) when ${literal(kind)} then ${container} else ${
    isMap ? "'{}'" : "'[]'"
  } end`;
  const inside = isMap
    ? [
      "    select",
      `      members.element, row_number() over (order by members.name) as place, members.name,`,
      `      ${label} as label`,
      `    from jsonb_each(${guarded})`,
      "      as members (name, element)",
    ]
    : [
      "    select",
      "      items.element, items.place, null::text as name,",
      `      ${label} as label`,
      "    from jsonb_array_elements(",
      `      ${guarded}`,
      "    ) with ordinality as items (element, place)",
    ];
  return [
    "select",
    `  ${literal(name)} as part,`,
    `  legacy.key || ${literal(`#${member}/`)} || elements.label || case`,
    "    when elements.again > 1 then ' (' || elements.again || ')' else '' end as source_key,",
    "  legacy.key,",
    "  elements.place::integer as place,",
    "  elements.name,",
    "  elements.element as record",
    `from ${viewName(plan, "records")} as legacy`,
    "cross join lateral (",
    "  select",
    "    inside.*,",
    "    row_number() over (partition by inside.label order by inside.place) as again",
    "  from (",
    ...inside.map((line) => `  ${line}`.replace(/^ {2}/, "  ")),
    "  ) as inside",
    ") as elements",
    `where ${familyCondition(family, families, "legacy.key")}`,
  ].join("\n");
}

/** Writes a view with its comment. */
export function view(name: string, query: string, comment: string): string {
  return [
    `create view ${name}`,
    "  with (security_invoker = true)",
    "as",
    `${query};`,
    "",
    `comment on view ${name} is`,
    `${literal(comment)};`,
  ].join("\n");
}
