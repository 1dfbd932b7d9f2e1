import type { Transaction } from "../../../database/in_transaction.ts";
import type { Container } from "./read_members.ts";

/**
 * Leaves out the objects that are no maps by id: one that has any member which is named otherwise
 * shows it.
 *
 * It needs the view census_documents.
 */
export async function withoutRecords(
  transaction: Transaction,
  containers: readonly Container[],
): Promise<Container[]> {
  const maps = containers.filter(({ isMap, member }) => isMap && member !== "");
  if (maps.length === 0) return [...containers];
  const asked = await transaction.unsafe<{ place: string; family: number; map: boolean }[]>(
    `select
      maps.family, maps.place,
      coalesce(
        (
          select not exists (
            select
            from jsonb_object_keys(documents.document -> maps.member) as names (name)
            where pg_temp.member(names.name) not like chr(1) || '%'
          )
          from census_documents as documents
          where documents.family = maps.family
            and jsonb_typeof(documents.document -> maps.member) = 'object'
            and documents.document -> maps.member <> '{}'
          limit 1
        ),
        false
      ) as map
    from jsonb_to_recordset($1::text::jsonb) as maps (family int, place text, member text)`,
    [JSON.stringify(maps)],
  );
  const isMap = new Set(
    asked.filter(({ map }) => map).map(({ family, place }) => `${family} ${place}`),
  );
  return containers.filter((each) =>
    !maps.includes(each) || isMap.has(`${each.family} ${each.place}`)
  );
}
