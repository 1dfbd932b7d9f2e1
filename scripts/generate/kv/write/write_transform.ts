import { identifier } from "../../sql/identifier.ts";
import { literal } from "../../sql/literal.ts";
import { idSegment } from "../plan/facts.ts";
import { type Family, variables } from "../plan/family.ts";
import type { EntityPlan, MirrorPlan, Source, StorePlan } from "../plan/store_plan.ts";
import { familyCondition } from "./family_condition.ts";
import { viewName } from "./names_of.ts";
import { hasOneVariable, keySql, segmentSql } from "./segment_sql.ts";
import { valueSql } from "./value_sql.ts";

/** Writes the view that says what becomes a row of an entity. */
export function writeTransform(plan: StorePlan, entity: EntityPlan): string {
  const view = viewName(plan, entity.name);
  return [
    `create view ${view}`,
    "  with (security_invoker = true)",
    "as",
    `${
      entity.sources.map((source, nth) => select(plan, entity, source, nth)).join(
        "\n\nunion all\n\n",
      )
    };`,
    "",
    `comment on view ${view} is`,
    `${literal(`${entity.comment} What they become in ${entity.name}.`)};`,
  ].join("\n");
}

function select(plan: StorePlan, entity: EntityPlan, source: Source, nth: number): string {
  const families = plan.families.map(({ family }) => family);
  const attributes = attributesOf(entity);
  const family = source.kind === "settings" ? undefined : source.family;
  const columns = entity.columns.map((column) => {
    const sql = valueSql(column, nth, family, attributes).replaceAll("\n", "\n  ");
    return `${sql} as ${identifier(column.name)}`;
  });
  const list = (key: string, row: string) =>
    [`${key} as source_key`, `${row} as source_row`, ...columns].join(",\n  ");
  switch (source.kind) {
    case "settings": {
      const names = source.families.map(({ segments, divided }) =>
        literal(segments.join(divided ? ":" : ""))
      );
      return [
        "select",
        `  ${list("legacy.key", "legacy.value")}`,
        `from ${viewName(plan, "records")} as legacy`,
        "where legacy.key in (",
        `  ${names.join(",\n  ")}`,
        ")",
      ].join("\n");
    }
    case "parts": {
      const several = entity.sources.length > 1;
      return [
        "select",
        `  ${list("legacy.source_key", "legacy.record")}`,
        `from staging.${identifier(`${plan.pipeline}_parts`)} as legacy`,
        `where legacy.part = ${literal(source.part.name)}`,
        ...several && source.part.mirrors === undefined
          ? [`  and ${familyCondition(source.family, families, "legacy.key")}`]
          : [],
        ...source.part.mirrors === undefined
          ? []
          : unlessMirrored(plan, source.family, source.part.mirrors),
      ].join("\n");
    }
    case "records":
      return [
        "select",
        // a secret inside a text could not be taken out of a reject
        `  ${
          list(
            "legacy.key",
            source.family.encoded > 0 && hasSecrets(plan, entity)
              ? "legacy.record"
              : "legacy.value",
          )
        }`,
        `from ${viewName(plan, "records")} as legacy`,
        ...[...attributes].flatMap(([attribute, alias]) =>
          join(plan, attribute, alias, source.family)
        ),
        `where ${familyCondition(source.family, families, "legacy.key")}`,
        ...source.after.flatMap((first) => unless(plan, entity, nth, first)),
      ].join("\n");
  }
}

/** Whether documents of an entity, or their elements, have members that are secrets. */
function hasSecrets({ entities }: StorePlan, { secrets, sources }: EntityPlan): boolean {
  const families = sources.flatMap((source) => source.kind === "records" ? [source.family] : []);
  return secrets.length > 0 || entities.some((child) =>
    child.secrets.length > 0 &&
    child.sources.some((source) => source.kind === "parts" && families.includes(source.family))
  );
}

/** The families that hold one more value, each with the alias of its records. */
function attributesOf({ columns }: EntityPlan): ReadonlyMap<Family, string> {
  const families = columns.flatMap(({ origins: [origin] }) =>
    origin?.from === "attribute" ? [origin.family] : []
  );
  return new Map(families.map((family, nth) => [family, `attribute_${nth + 1}`]));
}

function join(plan: StorePlan, attribute: Family, alias: string, family: Family): string[] {
  const [segment] = variables(attribute);
  const id = segmentSql(family, idSegment(family), "legacy.key");
  return [
    `left join ${viewName(plan, "records")} as ${alias}`,
    `  on ${alias}.key = ${keySql(attribute, new Map([[segment!, id]]))}`,
  ];
}

/** What another family has already is not taken again. */
function unless(plan: StorePlan, entity: EntityPlan, nth: number, first: Family): string[] {
  const id = entity.columns.find(({ origins }) => {
    const origin = origins[0]!;
    return origin.from === "key" && idSegment(first) === 0 ||
      origin.from === "segment" && origin.segment === idSegment(first);
  });
  const source = entity.sources[nth]!;
  const family = source.kind === "records" ? source.family : undefined;
  const own = id === undefined ? "null" : textOf(id.origins[nth]!, family!);
  const families = plan.families.map((each) => each.family);
  const records = viewName(plan, "source");
  const found = hasOneVariable(first)
    ? [`    where others.key = ${keySql(first, new Map([[variables(first)[0]!, own]]))}`]
    : [
      `    where ${familyCondition(first, families, "others.key")}`,
      `      and ${segmentSql(first, idSegment(first), "others.key")} = ${own}`,
    ];
  return [
    "  and not exists (",
    "    select",
    `    from ${records} as others`,
    ...found,
    "  )",
  ];
}

/** A pair that stands in the list which this one mirrors is not taken again. */
function unlessMirrored(plan: StorePlan, family: Family, mirrors: MirrorPlan): string[] {
  const [segment] = variables(mirrors.family);
  const key = keySql(mirrors.family, new Map([[segment!, "(legacy.record #>> '{}')"]]));
  const label = segmentSql(family, variables(family).at(-1)!, "legacy.key");
  return [
    "  and not exists (",
    "    select",
    `    from staging.${identifier(`${plan.pipeline}_parts`)} as others`,
    `    where others.part = ${literal(mirrors.part)}`,
    `      and others.source_key = ${key} || ${literal(`#${mirrors.member}/`)} || ${label}`,
    "  )",
  ];
}

function textOf(
  origin: EntityPlan["columns"][number]["origins"][number],
  family: Family,
): string {
  if (origin.from === "segment") return segmentSql(family, origin.segment, "legacy.key");
  if (origin.from === "member") return `(legacy.record ->> ${literal(origin.names[0]!)})`;
  return "legacy.key";
}
