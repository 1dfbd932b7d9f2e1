import { LandfallError } from "../../../../supabase/functions/_shared/errors.ts";
import type { ColumnMapping, Mapping } from "../mapping.ts";
import type { ColumnPlan, EntityPlan } from "./store_plan.ts";

/**
 * Changes tables as a mapping says.
 *
 * @throws LF013 for a table or column that is not there, or a change that makes no sense.
 */
export function applyMapping(entities: readonly EntityPlan[], mapping: Mapping): EntityPlan[] {
  for (const [table, { columns, owner }] of Object.entries(mapping.tables)) {
    const entity = entities.find(({ name }) => name === table);
    if (entity === undefined) {
      throw cannot(`there is no table ${table}`, entities.map(({ name }) => name), "Tables");
    }
    const names = entity.columns.map(({ name }) => name);
    const named = [...Object.keys(columns), ...owner == null ? [] : [owner]];
    const unknown = named.find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw cannot(`${table} has no column ${unknown}`, names, "Its columns");
    }
    const key = Object.keys(columns).find((name) =>
      columns[name]!.skip !== undefined && entity.primaryKey.includes(name)
    );
    if (key !== undefined) {
      throw cannot(`${table}.${key} is the key, and cannot be left out`, names, "Its columns");
    }
    for (const [name, { references }] of Object.entries(columns)) {
      const parent = entities.find((each) => each.name === references);
      if (references != null && parent?.primaryKey.length !== 1) {
        throw cannot(
          `${table}.${name} cannot refer to ${references}`,
          entities.filter(({ primaryKey }) => primaryKey.length === 1).map((each) => each.name),
          "Tables with a key of one column",
        );
      }
    }
  }
  return entities.map((entity) => {
    const said = mapping.tables[entity.name];
    return said === undefined ? entity : change(entity, said.columns, said.owner, entities);
  });
}

function cannot(why: string, names: readonly string[], what: string): LandfallError {
  return new LandfallError("LF013", `Cannot use the mapping: ${why}`, {
    hint: `${what} are ${names.join(", ")}.`,
  });
}

function change(
  entity: EntityPlan,
  columns: Readonly<Record<string, ColumnMapping>>,
  owner: string | null | undefined,
  entities: readonly EntityPlan[],
): EntityPlan {
  const gone = new Set(Object.keys(columns).filter((name) => columns[name]!.skip !== undefined));
  const nameOf = (name: string) => columns[name]?.name ?? name;
  const list = (names: readonly string[]) => names.map(nameOf);
  const kept = <Part extends { readonly columns: readonly string[] }>(parts: readonly Part[]) =>
    parts.filter((part) => !part.columns.some((name) => gone.has(name)))
      .map((part) => ({ ...part, columns: list(part.columns) }));
  const said = (name: string, what: "closed" | "unique") => columns[name]?.[what];
  const referring = Object.entries(columns).flatMap(([name, { references }]) =>
    references == null ? [] : [{
      columns: [nameOf(name)],
      parent: references,
      parentColumns: [...entities.find((each) => each.name === references)!.primaryKey],
      postponed: references === entity.name,
    }]
  );
  const free = (name: string) => columns[name]?.references === undefined;
  const owned = owner === undefined ? entity.owner : owner === null ? undefined : {
    column: owner,
    why: "the mapping says so",
  };
  return {
    ...entity,
    columns: entity.columns.filter(({ name }) => !gone.has(name)).map((column) =>
      changed(column, columns[column.name] ?? {})
    ),
    primaryKey: list(entity.primaryKey),
    uniques: [
      ...kept(entity.uniques.filter((each) => said(each.columns[0]!, "unique") !== false)),
      ...Object.keys(columns).filter((name) =>
        said(name, "unique") && !entity.uniques.some((each) => each.columns[0] === name)
      ).map((name) => ({ columns: [nameOf(name)], why: "the mapping says so" })),
    ],
    checks: entity.checks
      .filter(({ column }) => !gone.has(column) && said(column, "closed") !== false)
      .map((check) => ({ ...check, column: nameOf(check.column) })),
    foreignKeys: [
      ...kept(entity.foreignKeys.filter((key) => key.columns.every(free))),
      ...referring,
    ],
    orphans: entity.orphans.filter(({ column }) => !gone.has(column) && free(column))
      .map((each) => ({ ...each, column: nameOf(each.column) })),
    indexes: kept(entity.indexes),
    owner: owned === undefined || gone.has(owned.column)
      ? undefined
      : { ...owned, column: nameOf(owned.column) },
  };
}

function changed(column: ColumnPlan, { name, type, notNull }: ColumnMapping): ColumnPlan {
  return {
    ...column,
    name: name ?? column.name,
    notNull: notNull ?? column.notNull,
    ...type === undefined ? {} : {
      type,
      form: "text" as const,
      evidence: [...column.evidence, "the mapping gives the type"],
    },
  };
}
