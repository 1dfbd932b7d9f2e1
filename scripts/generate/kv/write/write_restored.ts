import { identifier } from "../../sql/identifier.ts";
import { literal } from "../../sql/literal.ts";
import { idSegment, isScalar } from "../plan/facts.ts";
import { type Family, variables } from "../plan/family.ts";
import type { ColumnPlan, EntityPlan, FamilyPlan, StorePlan } from "../plan/store_plan.ts";
import { targetName, viewName } from "./names_of.ts";
import { restoreSql } from "./read_sql.ts";
import { keySql } from "./segment_sql.ts";
import { view } from "./write_store.ts";

/** Writes the view that gives the store back from the tables. */
export function writeRestored(plan: StorePlan): string[] {
  const arms = plan.families.flatMap((each) => armsOf(plan, each));
  return [
    view(
      viewName(plan, "restored"),
      arms.join("\n\nunion all\n\n"),
      "The store as the tables give it back.",
    ),
  ];
}

function armsOf(plan: StorePlan, { family, role, entity }: FamilyPlan): string[] {
  if (entity === undefined) return [];
  const table = targetName(plan, entity.name);
  const source = entity.sources.findIndex((each) =>
    each.kind === "settings" ? each.families.includes(family) : each.family === family
  );
  switch (role) {
    case "entity":
    case "generation": {
      const key = recordKey(family, entity, source);
      const others = entity.columns.flatMap(({ name, notNull, origins }) =>
        origins.some(({ from }) => from === "nothing")
          ? [
            notNull
              ? `${identifier(name)} ${origins[source]!.from === "nothing" ? "=" : "<>"} ''`
              : `${identifier(name)} is ${origins[source]!.from === "nothing" ? "" : "not "}null`,
          ]
          : []
      );
      return [
        `select\n  ${key} as key,\n  ${
          documentSql(plan, entity, family)
        } as value\nfrom ${table} as row_${
          others.length === 0 ? "" : `\nwhere ${others.join(" and ")}`
        }`,
      ];
    }
    case "values": {
      const value = entity.columns.find(({ origins }) => origins[0]!.from === "value")!;
      return [
        `select\n  ${recordKey(family, entity, source)} as key,\n  ${
          restoreSql(value.form, `row_.${identifier(value.name)}`)
        } as value\nfrom ${table} as row_`,
      ];
    }
    case "setting":
      return [
        `select\n  name as key,\n  value\nfrom ${table}\nwhere name = ${
          literal(family.segments.join(family.divided ? ":" : ""))
        }`,
      ];
    case "elements":
    case "junction":
      return [elementsArm(plan, family, entity, source)];
    case "mirror":
      return [mirrorArm(plan, family, entity, source)];
    case "attribute":
      return attributeArm(plan, family, entity);
    case "list":
    case "lookup":
      return representedArm(plan, family, role, entity);
    default:
      return [];
  }
}

/** The key of a record, from its row. */
function recordKey(family: Family, entity: EntityPlan, source: number): string {
  const whole = entity.columns.find(({ origins }) => origins[source]?.from === "key");
  if (whole !== undefined && idSegment(family) === 0) return `row_.${identifier(whole.name)}`;
  const values = entity.columns.flatMap(({ name, type, origins }) => {
    const origin = origins[source];
    return origin?.from === "segment"
      ? [[origin.segment, `row_.${identifier(name)}${type === "text" ? "" : "::text"}`] as const]
      : [];
  });
  return keySql(family, new Map(values));
}

/** The document of a record, from its row and those of its children. */
function documentSql(plan: StorePlan, entity: EntityPlan, family: Family): string {
  const members = [
    ...entity.columns.flatMap(({ member, name, form }) =>
      member === undefined
        ? []
        : [`(${literal(member)}, ${restoreSql(form, `row_.${identifier(name)}`)})`]
    ),
    ...plan.entities.flatMap((child) =>
      child.sources.flatMap((source) =>
        source.kind === "parts" && source.family === family && source.part.member !== ""
          ? [`(${literal(source.part.member)}, ${childrenSql(plan, entity, child)})`]
          : []
      )
    ),
  ];
  return objectSql(members, "  ") + restOf(entity, "row_");
}

/** What a document has beside its members with columns. */
function restOf({ columns }: EntityPlan, alias: string): string {
  const rest = columns.find(({ origins: [origin] }) => origin!.from === "rest");
  return rest === undefined ? "" : ` || coalesce(${alias}.${identifier(rest.name)}, '{}')`;
}

function objectSql(members: readonly string[], indent: string): string {
  if (members.length === 0) return "'{}'::jsonb";
  return [
    "(",
    `${indent}  select coalesce(jsonb_object_agg(members.name, members.value), '{}')`,
    `${indent}  from (`,
    `${indent}    values`,
    members.map((member) => `${indent}      ${member}`).join(",\n"),
    `${indent}  ) as members (name, value)`,
    `${indent}  where members.value is not null`,
    `${indent})`,
  ].join("\n");
}

/** The elements of an array in a document, from the rows that refer to it. */
function childrenSql(plan: StorePlan, parent: EntityPlan, child: EntityPlan): string {
  const above = child.columns.filter(({ evidence }) =>
    evidence.some((text) => text.startsWith("the ") && text.endsWith("that holds it"))
  );
  const condition = parent.primaryKey.map((key, nth) => {
    const { name, type } = above[nth]!;
    // what refers to another table too has the type of that
    const cast = parent.columns.find((each) => each.name === key)!.type === type ? "" : "::text";
    return `child.${identifier(name)}${cast} = row_.${identifier(key)}${cast}`;
  }).join(" and ");
  const position = child.columns.find(({ origins: [origin] }) => origin!.from === "position")!;
  const own = position.notNull ? "" : ` and child.${identifier(position.name)} is not null`;
  return `(select ${gathered(child, "child")} from ${
    targetName(plan, child.name)
  } as child where ${condition}${own})`;
}

function gathered(child: EntityPlan, alias: string): string {
  const [source] = child.sources;
  const part = source!.kind === "parts" ? source!.part : undefined;
  const column = (from: ColumnPlan["origins"][number]["from"]) =>
    child.columns.find(({ origins }) => origins[0]!.from === from);
  const element = column("element");
  const members = child.columns.flatMap(({ member, name, form }) =>
    member === undefined
      ? []
      : [`(${literal(member)}, ${restoreSql(form, `${alias}.${identifier(name)}`)})`]
  );
  const value = element === undefined
    ? objectSql(members, "      ") + restOf(child, alias)
    : restoreSql(element.form, `${alias}.${identifier(element.name)}`);
  const place = `${alias}.${identifier(column("position")!.name)}`;
  return part?.isMap
    ? `jsonb_object_agg(${alias}.${identifier(column("name")!.name)}, ${value})`
    : `jsonb_agg(${value} order by ${place})`;
}

function elementsArm(
  plan: StorePlan,
  family: Family,
  entity: EntityPlan,
  source: number,
): string {
  const parents = variables(family).map((segment) =>
    entity.columns.find(({ origins }) => {
      const origin = origins[source]!;
      return origin.from === "segment" && origin.segment === segment;
    })!
  );
  const columns = parents.map(({ name }) => `row_.${identifier(name)}`);
  const position = entity.columns.find(({ origins: [origin] }) => origin!.from === "position")!;
  const key = keySql(
    family,
    new Map(
      variables(family).map((segment, nth) => [
        segment,
        `${columns[nth]}${parents[nth]!.type === "text" ? "" : "::text"}`,
      ]),
    ),
  );
  return [
    "select",
    `  ${key} as key,`,
    `  ${gathered(entity, "row_")} as value`,
    `from ${targetName(plan, entity.name)} as row_`,
    ...position.notNull ? [] : [`where row_.${identifier(position.name)} is not null`],
    columns.length === 0 ? "having count(*) > 0" : `group by ${columns.join(", ")}`,
  ].join("\n");
}

/** Lists the other way round. */
function mirrorArm(
  plan: StorePlan,
  family: Family,
  entity: EntityPlan,
  source: number,
): string {
  const from = (kind: ColumnPlan["origins"][number]["from"]) =>
    entity.columns.find(({ origins }) => origins[source]?.from === kind)!;
  const one = `row_.${identifier(from("segment").name)}`;
  const other = from("element");
  return [
    "select",
    `  ${keySql(family, new Map([[variables(family).at(-1)!, `${one}::text`]]))} as key,`,
    `  jsonb_agg(${restoreSql(other.form, `row_.${identifier(other.name)}`)}) as value`,
    `from ${targetName(plan, entity.name)} as row_`,
    `group by ${one}`,
  ].join("\n");
}

function attributeArm(plan: StorePlan, family: Family, entity: EntityPlan): string[] {
  const column = entity.columns.find(({ origins: [origin] }) =>
    origin?.from === "attribute" && origin.family === family
  );
  const id = entity.primaryKey.at(-1);
  const [segment] = variables(family);
  if (column === undefined || id === undefined || segment === undefined) return [];
  const name = `row_.${identifier(column.name)}`;
  return [
    `select\n  ${keySql(family, new Map([[segment, `row_.${identifier(id)}::text`]]))} as key,\n  ${
      restoreSql(column.form, name)
    } as value\nfrom ${targetName(plan, entity.name)} as row_\nwhere ${name} is not null`,
  ];
}

/** Lists and look-ups, made anew from what the rows say. */
function representedArm(
  plan: StorePlan,
  family: Family,
  role: "list" | "lookup",
  entity: EntityPlan,
): string[] {
  const table = targetName(plan, entity.name);
  const id = `row_.${identifier(entity.primaryKey.at(-1)!)}`;
  const by = plan.represented.find((each) => each.family === family);
  const [segment] = variables(family);
  if (segment === undefined) {
    return [
      `select\n  ${
        keySql(family, new Map())
      } as key,\n  jsonb_agg(to_jsonb(${id}::text)) as value\nfrom ${table} as row_\nhaving count(*) > 0`,
    ];
  }
  if (by?.column === undefined) return [];
  const column = `row_.${identifier(by.column)}`;
  const key = keySql(family, new Map([[segment, `${column}::text`]]));
  return role === "list"
    ? [
      `select\n  ${key} as key,\n  jsonb_agg(to_jsonb(${id}::text)) as value\nfrom ${table} as row_\nwhere ${column} is not null\ngroup by ${column}`,
    ]
    : [
      `select\n  ${key} as key,\n  ${
        isScalar(family)
          ? `to_jsonb(${id}::text)`
          : `jsonb_build_object(${literal(by.member)}, ${id}::text)`
      } as value\nfrom ${table} as row_\nwhere ${column} is not null`,
    ];
}
