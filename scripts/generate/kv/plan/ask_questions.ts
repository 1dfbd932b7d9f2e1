import type { Mapping } from "../mapping.ts";
import type { Draft } from "./draft.ts";
import type { Family } from "./family.ts";
import type { Role } from "./role.ts";
import type { EntityPlan, Question } from "./store_plan.ts";

const count = (value: number): string => value.toLocaleString("en-US");

/** Asks what a person should decide, with what is done until then. */
export function askQuestions(
  roles: ReadonlyMap<Family, Role>,
  drafts: readonly Draft[],
  entities: readonly EntityPlan[],
  mapping: Mapping,
): Question[] {
  return [
    ...[...roles].flatMap(([family, role]) => ofFamily(family, role)),
    ...drafts.flatMap((draft) => ofColumns(draft)),
    ...entities.flatMap((entity) => ofEntity(entity)),
  ].filter(({ mapping: answer }) => !isAnswered(answer, mapping));
}

function ofFamily(family: Family, role: Role): Question[] {
  const { template, keys } = family;
  const kinds = Object.entries(family.kinds).filter(([, many]) => many > 0);
  const mixed = kinds.length > 1 && role.role !== "lookup"
    ? [{
      about: template,
      question: `its values are of several kinds: ${
        kinds.map(([kind, many]) => `${count(many)} ${kind}`).join(", ")
      }`,
      taken: "those of the most frequent kind become rows; the others are rejected, each by itself",
      mapping: { families: { [template]: { skip: "…" } } },
    }]
    : [];
  switch (role.role) {
    case "ephemeral":
      return [{
        about: template,
        question: `are these ${count(keys)} worth keeping?`,
        taken: "no: they look like sessions, codes, limits or caches",
        mapping: { families: { [template]: { role: "entity" } } },
      }];
    case "secret":
      return [{
        about: template,
        question: `where do these ${count(keys)} secrets belong?`,
        taken: "they are left out: people set new passwords with Supabase Auth",
        mapping: { families: { [template]: { role: "entity" } } },
      }];
    case "generation":
      return [...mixed, {
        about: template,
        question: `are these older or newer than ${role.of.template}, of which they are a kind?`,
        taken: `where both have an id, ${role.of.template} is taken`,
        mapping: { families: { [template]: { skip: "…" } } },
      }];
    case "copy":
      return [...mixed, {
        about: template,
        question: `may a copy be newer than what it is a copy of, ${role.of.template}?`,
        taken: `no: ${role.of.template} is taken; copies that differ are counted`,
        mapping: { families: { [template]: { skip: "…" } } },
      }];
    case "setting":
    case "marker":
      return [];
    default:
      return mixed;
  }
}

function ofColumns({ name, columns, secrets }: Draft): Question[] {
  return [
    ...columns.flatMap((column): Question[] =>
      column.nearly === undefined ? [] : [{
        about: `${name}.${column.name}`,
        question: `nearly all values are of type ${column.nearly.type}, but ${
          count(column.nearly.misfits)
        } of ${count(column.values)} are not: are these wrong?`,
        taken: "no: the column is text",
        mapping: {
          tables: { [name]: { columns: { [column.name]: { type: column.nearly.type } } } },
        },
      }]
    ),
    ...secrets.map((member): Question => ({
      about: name,
      question: `is the member ${member} a secret?`,
      taken: "yes: it has no column, and no reject shows it",
      mapping: undefined,
    })),
  ];
}

function ofEntity({ name, checks, orphans, foreignKeys, columns, owner }: EntityPlan): Question[] {
  return [
    ...checks.map(({ column, values }): Question => ({
      about: `${name}.${column}`,
      question: `may it be anything but ${values.join(", ")}?`,
      taken: "no: a check says so",
      mapping: { tables: { [name]: { columns: { [column]: { closed: false } } } } },
    })),
    ...orphans.map(({ column, parent, rows, of }): Question => ({
      about: `${name}.${column}`,
      question: `${count(of - rows)} of ${
        count(of)
      } values are ids of ${parent}: are the others wrong?`,
      taken: "there is no foreign key; a finding counts those of no row",
      mapping: { tables: { [name]: { columns: { [column]: { references: parent } } } } },
    })),
    ...foreignKeys.filter(({ postponed }) => postponed).map((
      { columns: [column], parent },
    ): Question => ({
      about: `${name}.${column}`,
      question: `it refers to ${parent}, which refers back: a circle`,
      taken: "the foreign key stands as a comment, to be run when all rows are there",
      mapping: { tables: { [name]: { columns: { [column!]: { references: null } } } } },
    })),
    ...owner === undefined && columns.some(({ name }) => /(^|_)(user|owner)_id$/.test(name))
      ? [{
        about: name,
        question: "who may read and change its rows?",
        taken: "nobody but service_role: its values are no ids of accounts",
        mapping: {
          tables: {
            [name]: { owner: columns.find(({ name }) => /(^|_)(user|owner)_id$/.test(name))!.name },
          },
        },
      }]
      : [],
  ];
}

/** Whether the mapping has something to say on the same place already. */
function isAnswered(answer: unknown, mapping: unknown): boolean {
  if (answer === undefined || mapping === undefined || mapping === null) return false;
  if (typeof answer !== "object" || answer === null) return true;
  return Object.entries(answer).every(([name, value]) => {
    const said = (mapping as Record<string, unknown>)[name];
    return said !== undefined && (typeof value !== "object" || isAnswered(value, said));
  });
}
