import type { Transaction } from "../../../database/in_transaction.ts";
import { snakeCase } from "../../names/name_hints.ts";
import type { Clash, MemberCensus } from "./store_census.ts";

/**
 * Reads which members that are spelled alike, as `createdAt` and `created_at`, stand in one
 * document: these are not the same.
 *
 * It needs the view census_documents.
 */
export async function readClashes(
  transaction: Transaction,
  members: readonly MemberCensus[],
): Promise<Clash[]> {
  const spelled = Map.groupBy(
    members.filter(({ place, member }) => place === "" && member !== ""),
    ({ family, member }) => `${family} ${snakeCase(member)}`,
  );
  const pairs = [...spelled.values()].flatMap((found) =>
    found.flatMap((one, nth) =>
      found.slice(nth + 1).map((other) => ({
        family: one.family,
        one: one.member,
        other: other.member,
      }))
    )
  );
  if (pairs.length === 0) return [];
  return await transaction.unsafe<Clash[]>(
    `select pairs.family, pairs.one, pairs.other
    from jsonb_to_recordset($1::text::jsonb) as pairs (family int, one text, other text)
    where exists (
      select
      from census_documents as documents
      where documents.family = pairs.family
        and documents.document ? pairs.one
        and documents.document ? pairs.other
    )`,
    [JSON.stringify(pairs)],
  );
}
