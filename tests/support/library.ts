import type postgres from "postgres";

/**
 * Makes the pipeline "library", whose rows become documents: authors, and books with their chapters
 * that refer to them.
 *
 * @returns The pipeline's name.
 */
export async function aLibrary(
  sql: postgres.Sql,
  { authors = 3, books = 12 }: { authors?: number; books?: number } = {},
): Promise<string> {
  await sql.unsafe(`
    create table staging.library_authors (id int primary key, name text, born date);
    create unique index on staging.library_authors ((id::text));
    create table staging.library_books (
      id int primary key, author_id int, title text, pages int, price numeric, chapters text[]
    );
    create unique index on staging.library_books ((id::text));

    insert into staging.library_authors
    select n, 'Author ' || n, date '1950-01-01' + n from generate_series(1, ${authors}) as n;
    insert into staging.library_books
    select n, 1 + n % ${authors}, 'Book ' || n, 100 + n, n + 0.50, array['One', 'Two']
    from generate_series(1, ${books}) as n;

    create view transform.library_authors with (security_invoker = true) as
    select
      legacy.id::text as source_key, to_jsonb(legacy) as source_row,
      json_build_object(
        '_id', json_build_object('$oid', left(md5('library.authors/' || legacy.id), 24)),
        'name', legacy.name,
        'born', json_build_object('$date', json_build_object('$numberLong',
          ((legacy.born - date '1970-01-01')::bigint * 86400000)::text))
      ) as document
    from staging.library_authors as legacy;
    create view transform.library_books with (security_invoker = true) as
    select
      legacy.id::text as source_key, to_jsonb(legacy) as source_row, legacy.pages,
      json_build_object(
        '_id', json_build_object('$oid', left(md5('library.books/' || legacy.id), 24)),
        'author_id', json_build_object('$oid', left(md5('library.authors/' || author_id), 24)),
        'title', legacy.title,
        'pages', json_build_object('$numberInt', legacy.pages::text),
        'price', json_build_object('$numberDecimal', legacy.price::text),
        'chapters', coalesce((
          select json_agg(json_build_object('title', chapters.title) order by chapters.nth)
          from unnest(legacy.chapters[
            :coalesce(nullif(current_setting('landfall.max_children', true), '')::int, 100)
          ]) with ordinality as chapters (title, nth)
        ), '[]')
      ) as document
    from staging.library_books as legacy;

    select landfall.define_pipeline('library', 'Books and who wrote them');
    select landfall.define_documents('library', 'authors', 'authors');
    select landfall.define_documents(
      'library', 'books', 'books',
      refers_to => '{"author_id": "authors"}',
      indexes => '{"author_id, -pages"}',
      counts => '{"chapters": "select sum(cardinality(chapters)) from staging.library_books"}'
    );
    select landfall.close_doors();
  `);
  return "library";
}

/** The _id of a document of the library. */
export async function idOf(
  sql: postgres.Sql,
  entity: "authors" | "books",
  key: number,
): Promise<string> {
  const [row] = await sql`
    select left(md5(${`library.${entity}/${key}`}), 24) as id`;
  return row!.id;
}
