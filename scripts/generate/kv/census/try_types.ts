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
  const failing: TypedMember[] = [];
  const places = Map.groupBy(members, ({ family, place }) => `${family} ${place}`);
  for (const found of places.values()) {
    if (await casts(transaction, found)) continue;
    for (const member of found) if (!await casts(transaction, [member])) failing.push(member);
  }
  return failing;
}

async function casts(transaction: Transaction, members: readonly TypedMember[]): Promise<boolean> {
  const [{ family, place }] = members as [TypedMember, ...TypedMember[]];
  const [relation, document] = place === ""
    ? ["census_documents", "document"]
    : ["census_elements", "element"];
  const looks = { uuid: "'uuid'", date: "'date'", timestamptz: "'time', 'local time', 'date'" };
  const counts = members.map(({ member, type }) => {
    const value = member === "" ? `${document} #>> '{}'` : `${document} ->> ${literal(member)}`;
    return `count(case
      when pg_temp.value_class('string', ${value}) in (${looks[type]}) then (${value})::${type}
    end)`;
  });
  try {
    await transaction.savepoint((savepoint) =>
      savepoint.unsafe(
        `select ${counts.join(", ")} from ${relation}
        where family = ${family}${place === "" ? "" : ` and place = ${literal(place)}`}`,
      )
    );
    return true;
  } catch (error) {
    if (!DATA_EXCEPTION.test((error as { code?: string }).code ?? "")) throw error;
    return false;
  }
}
