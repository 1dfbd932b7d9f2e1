import type { Transaction } from "../../../database/in_transaction.ts";
import type { Container } from "./read_members.ts";
import type { PlaceCensus } from "./store_census.ts";

/**
 * Reads the arrays and maps of all documents, and makes the view census_elements of what is in them.
 * Of objects only members named by ids count.
 *
 * It needs the view census_documents.
 */
export async function readPlaces(
  transaction: Transaction,
  containers: readonly Container[],
): Promise<PlaceCensus[]> {
  await transaction.unsafe(`
    create temporary table census_places (family int, place text, member text, is_map boolean)
  `);
  if (containers.length > 0) {
    const rows = containers.map(({ family, place, member, isMap }) => ({
      family,
      place,
      member,
      is_map: isMap,
    }));
    await transaction`insert into census_places ${transaction(rows)}`;
  }
  await transaction.unsafe("analyze census_places");
  await transaction.unsafe(`
    create temporary view census_containers as
    select
      documents.family, places.place, documents.key, places.is_map,
      case places.member
        when '' then documents.document
        else documents.document -> places.member
      end as container
    from census_documents as documents
    join census_places as places on places.family = documents.family;

    create temporary view census_elements as
    select containers.family, containers.place, containers.key, elements.name, elements.element
    from census_containers as containers
    cross join lateral (
      select null::text as name, items.element
      from jsonb_array_elements(
        case when not is_map and jsonb_typeof(container) = 'array' then container else '[]' end
      ) as items (element)
      union all
      select members.name, members.element
      from jsonb_each(
        case when is_map and jsonb_typeof(container) = 'object' then container else '{}' end
      ) as members (name, element)
      where pg_temp.member(members.name) like chr(1) || '%'
    ) as elements;
  `);
  return await transaction.unsafe<PlaceCensus[]>(`
    select
      family, place, count(*)::int as containers, sum(elements)::int as elements,
      sum(objects)::int as objects, sum(arrays)::int as arrays,
      sum(named - names)::int as "sameIds", sum(objects - with_id)::int as "withoutId",
      sum(
        case
          when is_map then (
            select count(*)
            from jsonb_object_keys(container) as names (name)
            where pg_temp.member(names.name) not like chr(1) || '%'
          )
          else 0
        end
      )::int as others
    from census_containers
    cross join lateral (
      select
        count(*) as elements,
        count(*) filter (where jsonb_typeof(element) = 'object') as objects,
        count(*) filter (where jsonb_typeof(element) = 'array') as arrays,
        count(element ->> 'id') as with_id,
        count(name) as named,
        count(distinct name) as names
      from (
        select
          element,
          case jsonb_typeof(element) when 'object' then element ->> 'id' else element #>> '{}' end
            as name
        from (
        select items.element
        from jsonb_array_elements(
          case when not is_map and jsonb_typeof(container) = 'array' then container else '[]' end
        ) as items (element)
        union all
        select members.element
        from jsonb_each(
          case when is_map and jsonb_typeof(container) = 'object' then container else '{}' end
        ) as members (name, element)
        where pg_temp.member(members.name) like chr(1) || '%'
        ) as inside
      ) as named
    ) as counted
    where jsonb_typeof(container) = case when is_map then 'object' else 'array' end
    group by family, place
    order by family, place
  `);
}
