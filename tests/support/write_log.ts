import type postgres from "postgres";

/** What a log of the writes of a run of pipeline kv says. */
export interface WriteLog {
  /** Backends that wrote products. */
  readonly workers: number;
  /** Products that were inserted again without having been taken back. */
  readonly insertedTwice: number;
  /** Batches that were finished more than once. */
  readonly finishedTwice: number;
  /** Batches of products whose rows were written in more than one transaction. */
  readonly shared: number;
}

/** Logs from now on which backend inserts and deletes products, and which finishes a batch. */
export async function logWrites(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    create table write_log (
      nth bigint generated always as identity primary key,
      pid int default pg_backend_pid(),
      xid xid8 default pg_current_xact_id(),
      operation text,
      what text
    );

    create function log_product() returns trigger language plpgsql as $$
    begin
      insert into public.write_log (operation, what)
      values (tg_op, 'gift:' || coalesce(new.id, old.id));
      return null;
    end $$;

    create function log_batch() returns trigger language plpgsql as $$
    begin
      insert into public.write_log (operation, what)
      values ('BATCH', new.entity_id || ' ' || new.seq);
      return null;
    end $$;

    create trigger log_product after insert or delete on products
      for each row execute function log_product();
    create trigger log_batch after update on landfall.batches
      for each row when (new.done) execute function log_batch();
  `);
}

/**
 * Reads the log when one run is over.
 *
 * What is taken back at the end of an entity, and decided again in order, counts as written anew.
 */
export async function readWriteLog(sql: postgres.Sql): Promise<WriteLog> {
  const [log] = await sql<WriteLog[]>`
    with in_turn as (
      select
        write_log.*,
        lag(operation, 1, 'DELETE') over (partition by what order by nth) as before
      from write_log
    ),

    -- the batches that were planned first, and what they wrote
    planned as (
      select batches.*
      from landfall.batches
      join landfall.entities on entities.id = batches.entity_id
      where entities.name = 'products'
        and batches.seq < all (
          select back.seq
          from landfall.batches as back
          where back.entity_id = batches.entity_id and back.source < 0
        )
    ),

    shared as (
      select
      from planned
      join write_log as written
        on written.operation = 'INSERT'
        and written.what between planned.from_key and planned.to_key
        and written.nth < all (select nth from write_log where operation = 'DELETE')
      group by planned.seq
      having count(distinct written.xid) > 1
    )

    select
      count(distinct pid) filter (where operation = 'INSERT')::int as workers,
      count(*) filter (where operation = 'INSERT' and before = 'INSERT')::int as "insertedTwice",
      count(*) filter (where operation = 'BATCH' and before = 'BATCH')::int as "finishedTwice",
      (select count(*)::int from shared) as shared
    from in_turn`;
  return log!;
}
