import type { FileForeignKey } from "../schema/file_schema.ts";
import { isUnique } from "../schema/is_unique.ts";
import { Names } from "../../names/names.ts";
import { typeFamily } from "./type_family.ts";
import type { ColumnPlan, ForeignKeyPlan, TablePlan, Verdict } from "./pipeline_plan.ts";

/** Tables with their foreign keys, and what became of those of the file, by its tables. */
export interface ForeignKeys {
  readonly tables: readonly TablePlan[];
  readonly verdicts: ReadonlyMap<string, readonly Verdict[]>;
}

type Candidate = Omit<ForeignKeyPlan, "postponed" | "name"> & { readonly nullable: boolean };

/**
 * Plans the foreign keys: those of the file where Postgres can have them, and those of columns that
 * follow new keys. One that would close a circle is postponed: the engine writes parents first.
 */
export function planForeignKeys(tables: readonly TablePlan[]): ForeignKeys {
  const verdicts = new Map<string, Verdict[]>();
  const found = tables.map((table) => {
    const said: Verdict[] = [];
    verdicts.set(table.file.name, said);
    return [...followed(table, tables), ...ofFile(table, tables, said)];
  });
  const postponed = circles(tables, found);
  return {
    verdicts,
    tables: tables.map((table, place) => {
      const names = new Names(table.constraints.map(({ sql }) => sql));
      return {
        ...table,
        foreignKeys: found[place]!.map(({ nullable: _nullable, ...candidate }) => ({
          ...candidate,
          name: names.take(`${table.target}_${candidate.columns.join("_")}_fkey`),
          postponed: postponed.has(candidate.columns),
        })),
      };
    }),
  };
}

function followed({ columns, file }: TablePlan, tables: readonly TablePlan[]): Candidate[] {
  return columns.flatMap(({ name, follows, notNull, file: column }) => {
    const parent = tables.find(({ file }) => file.name === follows);
    const declared = file.foreignKeys.find(({ columns: [only, another] }) =>
      another === undefined && only === column?.name
    );
    return parent === undefined ? [] : [{
      columns: [name],
      parent: parent.file.name,
      parentColumns: parent.primaryKey,
      clauses: declared === undefined ? "" : clausesOf(declared),
      nullable: !notNull,
    }];
  });
}

function ofFile(table: TablePlan, tables: readonly TablePlan[], said: Verdict[]): Candidate[] {
  return table.file.foreignKeys.flatMap((foreignKey, nth) => {
    const { columns, parent, parentColumns } = foreignKey;
    const text = `(${columns.join(", ")}) references ${parent} (${parentColumns.join(", ")})`;
    const verdict = { table: table.file.name, kind: "foreign key", name: columns.join(", ") };
    const found = match(table, tables, foreignKey);
    if (typeof found === "string") {
      said.push({ ...verdict, verdict: "left out", why: found, original: text });
      return [];
    }
    const orphans = table.faults.orphans[nth] ?? 0;
    said.push({
      ...verdict,
      verdict: "kept",
      why: orphans > 0 ? `${orphans.toLocaleString("en-US")} rows have no parent` : undefined,
      original: undefined,
    });
    return [found];
  });
}

/** The foreign key in Postgres, or why there is none. */
function match(
  table: TablePlan,
  tables: readonly TablePlan[],
  foreignKey: FileForeignKey,
): Candidate | string {
  const { columns, parent, parentColumns } = foreignKey;
  const found = tables.find(({ file }) => same(file.name, parent));
  if (!found) return `there is no table ${parent} in the pipeline`;
  const whole = parentColumns.length === columns.length;
  if (!whole || !isUnique(found.file, parentColumns)) {
    return `what it refers to is not unique in ${parent}, so SQLite itself would refuse it`;
  }
  const children = columns.map((name) => columnOf(table, name));
  const parents = parentColumns.map((name) => columnOf(found, name));
  if (children.some((column) => column?.follows !== undefined)) {
    return "its column follows the parent's new key, and has a foreign key of its own";
  }
  if (![...children, ...parents].every((column) => column?.reading !== undefined)) {
    return "the mapping gives one of its columns another meaning";
  }
  const isKey = sorted(found.primaryKey) === sorted(parents.map((column) => column!.name));
  const unequal = children.findIndex((child, place) =>
    typeFamily(child!.type) !== typeFamily(parents[place]!.type)
  );
  if (unequal >= 0) {
    return `${children[unequal]!.name} is ${children[unequal]!.type} and what it refers to is ` +
      parents[unequal]!.type;
  }
  const folds = parents.some((column) => column!.file?.collation !== "binary");
  if (folds && !isKey) return "what it refers to is unique by another collation only";
  const orphans = table.faults.orphans[table.file.foreignKeys.indexOf(foreignKey)] ?? 0;
  if (folds && orphans > 0) {
    return `Postgres compares to the letter, and ${orphans.toLocaleString("en-US")} rows are not ` +
      "spelled as what they refer to";
  }
  return {
    columns: children.map((column) => column!.name),
    parent: found.file.name,
    parentColumns: parents.map((column) => column!.name),
    clauses: clausesOf(foreignKey),
    nullable: children.some((column) => !column!.notNull),
  };
}

function clausesOf({ onDelete, onUpdate, deferred }: FileForeignKey): string {
  return [
    onDelete === "no action" ? "" : ` on delete ${onDelete}`,
    onUpdate === "no action" ? "" : ` on update ${onUpdate}`,
    deferred ? " deferrable initially deferred" : "",
  ].join("");
}

function columnOf({ columns }: TablePlan, name: string): ColumnPlan | undefined {
  return columns.find(({ file }) => file !== undefined && same(file.name, name));
}

/** SQLite's names differ by more than their case. */
function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function sorted(names: readonly string[]): string {
  return names.toSorted().join("\0");
}

/** The columns of keys that close a circle; keys whose columns may be NULL are chosen first. */
function circles(
  tables: readonly TablePlan[],
  found: readonly (readonly Candidate[])[],
): ReadonlySet<readonly string[]> {
  const edges = found.flatMap((candidates, place) =>
    candidates.map((candidate) => ({ child: tables[place]!.file.name, ...candidate }))
  ).filter(({ child, parent }) => child !== parent);
  const parents = new Map<string, Set<string>>();
  const reaches = (from: string, to: string): boolean =>
    from === to || [...parents.get(from) ?? []].some((next) => reaches(next, to));
  const postponed = new Set<readonly string[]>();
  for (const { child, parent, columns } of edges.toSorted((a, b) => +a.nullable - +b.nullable)) {
    if (reaches(parent, child)) {
      postponed.add(columns);
      continue;
    }
    parents.set(child, (parents.get(child) ?? new Set()).add(parent));
  }
  return postponed;
}
