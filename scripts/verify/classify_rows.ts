import { type DigestColumns, digestSql } from "./digest_columns.ts";
import type { Comparing, FileDifference } from "./compare_table.ts";
import type { FileTableMap } from "./file_table.ts";
import { sourceKeySql } from "./source_key_sql.ts";
import { quoted } from "../import/staging/quoted.ts";

/** What became of rows that are no difference. */
export interface RowCounts {
  /** Rows whose target is what the file says. */
  readonly same: number;
  readonly rejected: number;
  readonly deferred: number;
  /** Rows that an import could not carry over. */
  readonly leftOut: number;
  /** Rows in whose place something else stood, which a run has kept. */
  readonly kept: number;
}

const EXPLAINED = ["same", "rejected", "deferred", "leftOut", "kept"] as const;

/** Compares the digests in `file_rows` with those of the target, and counts what came of it. */
export async function classifyRows(
  { transaction, samples }: Comparing,
  map: FileTableMap,
  { target, staged }: DigestColumns,
): Promise<{ counts: RowCounts; differences: Omit<FileDifference, "values">[] }> {
  const rows = await transaction.unsafe<
    { kind: string; count: string; sample: FileDifference["sample"] }[]
  >(
    `
    with doubled as (
      select file_rows.source_key
      from file_rows
      group by file_rows.source_key
      having count(*) > 1
    ),

    migrated as (
      select
        lineage.source_key,
        lineage.kept,
        stored_.tableoid is not null as is_there,
        ${digestSql(target)} as target
      from landfall.lineage
      left join ${map.target} as stored_ on ${map.sameTarget}
      where lineage.entity_id = $1
    ),

    staging as (${stagingSql(map, staged)}),

    compared as (
      select
        coalesce(file.source_key, migrated.source_key) as source_key,
        file.row_name,
        case
          when file.row_name is null then 'vanished'
          when file.source_key in (select doubled.source_key from doubled) then 'twice'
          when migrated.source_key is null then case
            when rejects.source_key is not null then 'rejected'
            when deferred.source_key is not null then 'deferred'
            when not file.fits then 'leftOut'
            else 'missing'
          end
          when migrated.kept then 'kept'
          when not migrated.is_there then 'lost'
          when migrated.target is not distinct from file.target
            and ${staged.length === 0 ? "true" : "staging.staged is not distinct from file.staged"}
            then 'same'
          when rejects.source_key is not null then 'rejected'
          when migrated.target is not distinct from file.target then 'staged'
          else 'value'
        end as kind
      from file_rows as file
      full join migrated on migrated.source_key = file.source_key
      left join staging on staging.source_key = file.source_key
      left join landfall.rejects
        on rejects.entity_id = $1
        and rejects.source_key = file.source_key
        and rejects.settled_by is null
      left join landfall.deferred
        on deferred.entity_id = $1
        and deferred.source_key = file.source_key
        and deferred.settled_by is null
    )

    select
      kind,
      count(*) as count,
      coalesce(
        to_jsonb((array_agg(jsonb_build_object('sourceKey', source_key, 'row', row_name)
          order by source_key) filter (where kind <> 'same'))[1:$2::int]),
        '[]'
      ) as sample
    from compared
    group by kind
    `,
    [map.entityId, samples],
  );
  const counted = new Map(rows.map(({ kind, count }) => [kind, Number(count)]));
  return {
    counts: Object.fromEntries(
      EXPLAINED.map((kind) => [kind, counted.get(kind) ?? 0]),
    ) as unknown as RowCounts,
    differences: rows
      .filter(({ kind }) => !(EXPLAINED as readonly string[]).includes(kind))
      .map(({ kind, count, sample }) => ({ kind, count: Number(count), sample })),
  };
}

function stagingSql(map: FileTableMap, staged: DigestColumns["staged"]): string {
  if (staged.length === 0) {
    return "select null::text as source_key, null::text as staged where false";
  }
  return `select ${keySql(map)} as source_key, ${digestSql(staged)} as staged
      from ${map.staging} as legacy`;
}

/** The source key, as a generated transform computes it. */
function keySql({ key, columns }: FileTableMap): string {
  const parts = key.map((name) => {
    const { staging, stagingType, secret } = columns.find(({ file }) => file === name)!;
    return { column: `legacy.${quoted(staging)}`, bytes: stagingType === "bytea", secret };
  });
  const rowId = columns.find(({ file }) => file === null)?.staging;
  return sourceKeySql(parts, rowId === undefined ? undefined : `legacy.${quoted(rowId)}`);
}
