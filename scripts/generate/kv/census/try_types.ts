import type { Transaction } from "../../../database/in_transaction.ts";
import { literal } from "../../sql/literal.ts";

/** A member whose values look like those of a type. */
export interface TypedMember {
  readonly family: number;
  readonly place: string;
  readonly member: string;
  readonly type: "uuid" | "date" | "timestamptz";
}

const DATA_EXCEPTION = /^22/;

/** A query has no more columns than 1664. */
const MOST_AT_ONCE = 1000;

const LOOKS = {
  uuid: "'uuid'",
  date: "'date'",
  timestamptz: "'time', 'local time', 'date'",
};

/**
 * Tries whether every value that looks like one of a type is one: there is no 30 February.
 *
 * It needs the views census_documents and census_elements.
 *
 * @returns Those of which some value is none.
 */
export async function tryTypes(
  transaction: Transaction,
  members: readonly TypedMember[],
): Promise<TypedMember[]> {
  return [
    ...await failing(transaction, members.filter(({ place }) => place === "")),
    ...await failing(transaction, members.filter(({ place }) => place !== "")),
  ];
}

/** All at once, and where that fails, in halves. */
async function failing(
  transaction: Transaction,
  members: readonly TypedMember[],
): Promise<readonly TypedMember[]> {
  if (members.length === 0) return [];
  if (members.length <= MOST_AT_ONCE && await casts(transaction, members)) return [];
  if (members.length === 1) return members;
  const half = Math.ceil(members.length / 2);
  return [
    ...await failing(transaction, members.slice(0, half)),
    ...await failing(transaction, members.slice(half)),
  ];
}

async function casts(transaction: Transaction, members: readonly TypedMember[]): Promise<boolean> {
  const [relation, document] = members[0]!.place === ""
    ? ["census_documents", "document"]
    : ["census_elements", "element"];
  const counts = members.map(({ family, place, member, type }) => {
    const value = member === "" ? `${document} #>> '{}'` : `${document} ->> ${literal(member)}`;
    return `count(case
      when family = ${family} ${place === "" ? "" : `and place = ${literal(place)}`}
        and pg_temp.value_class('string', ${value}) in (${LOOKS[type]})
        then (${value})::${type}
    end)`;
  });
  const families = [...new Set(members.map(({ family }) => family))];
  try {
    await transaction.savepoint((savepoint) =>
      savepoint.unsafe(
        `select ${counts.join(", ")} from ${relation} where family in (${families.join(", ")})`,
      )
    );
    return true;
  } catch (error) {
    if (!DATA_EXCEPTION.test((error as { code?: string }).code ?? "")) throw error;
    return false;
  }
}
