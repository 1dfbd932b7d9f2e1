import { literal } from "../../sql/literal.ts";
import type { Transaction } from "../../../database/in_transaction.ts";
import type { Container } from "./read_members.ts";
import type { ClassCensus, MemberCensus, PlaceCensus } from "./store_census.ts";

/**
 * Makes the views census_containers, of the arrays and maps of all documents, and census_elements,
 * of what is in them. Of objects only members named by ids count.
 *
 * It needs the view census_documents.
 */
export async function viewPlaces(
  transaction: Transaction,
  containers: readonly Container[],
): Promise<void> {
  const inArrays = `
    select family, place, key, inside.element
    from census_containers
    cross join lateral jsonb_array_elements(container) as inside (element)
    where not is_map`;
  const inMaps = `
    select family, place, key, inside.element
    from census_containers
    cross join lateral jsonb_each(container) as inside (name, element)
    where is_map and pg_temp.member(inside.name) like chr(1) || '%'`;
  const hasMaps = containers.some(({ isMap }) => isMap);
  await transaction.unsafe(`
    create temporary view census_containers as
    select family, place, key, is_map, container
    from (
      select
        documents.family, places.place, documents.key, places."isMap" as is_map,
        case places.member
          when '' then documents.document
          else documents.document -> places.member
        end as container
      from census_documents as documents
      join jsonb_to_recordset(${literal(JSON.stringify(containers))}::jsonb)
        as places (family int, place text, member text, "isMap" boolean)
        on places.family = documents.family
      limit all
    ) as contained
    where jsonb_typeof(container) = case when is_map then 'object' else 'array' end;

    create temporary view census_elements as ${
    hasMaps ? `${inArrays} union all ${inMaps}` : inArrays
  }
  `);
}

/**
 * Reads the arrays and maps of all documents.
 *
 * It needs the view census_containers.
 *
 * @param members What their elements hold.
 */
export async function readPlaces(
  transaction: Transaction,
  members: readonly MemberCensus[],
): Promise<Omit<PlaceCensus, "isRepeated">[]> {
  const places = await transaction<
    Pick<PlaceCensus, "family" | "place" | "elements" | "others">[]
  >`
    select family, place, sum(elements)::int as elements, sum(others)::int as others
    from (
      select
        family, place,
        case
          when is_map then pg_temp.names_in(container, true)
          else jsonb_array_length(container)
        end as elements,
        case when is_map then pg_temp.names_in(container, false) else 0 end as others
      from census_containers
      limit all
    ) as counted
    group by family, place
    order by family, place
  `;
  return places.map((found) => {
    const inside = members.filter(({ family, place }) =>
      family === found.family && place === found.place
    );
    const scalars = classesOf(inside, "");
    const objects = found.elements - sum(scalars);
    const named = classesOf(inside, "id").filter((each) => each.class !== "null");
    return {
      ...found,
      objects,
      arrays: sum(scalars.filter((each) => each.class === "array")),
      withoutId: objects - sum(named),
    };
  });
}

function classesOf(members: readonly MemberCensus[], name: string): readonly ClassCensus[] {
  return members.find(({ member }) => member === name)?.classes ?? [];
}

function sum(classes: readonly ClassCensus[]): number {
  return classes.reduce((total, { values }) => total + values, 0);
}
