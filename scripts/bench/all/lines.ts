import type { CrmBench } from "../crm.ts";
import type { DocumentsBench } from "../documents.ts";
import type { KvBench } from "../kv.ts";
import { median } from "../measure/median.ts";
import type { SqliteBench } from "../sqlite.ts";
import type { UsersBench } from "../users.ts";

/** What one benchmark says of one thing at one size. */
export interface Line {
  readonly bench: string;
  readonly what: string;
  /** What its time is set beside: the limit, or what people use today. */
  readonly beside: string;
  readonly seconds: number;
  /** Its time by that of what it is beside, in the same runs; null where that is missing. */
  readonly ratio: number | null;
  /** The most memory that a process of ours has held, in bytes, where it was looked at. */
  readonly peakBytes?: number | null;
}

type Bench = CrmBench | DocumentsBench | KvBench | SqliteBench | UsersBench;

/** Takes from a benchmark's outcome what the table of all shows. */
export function linesOf(measured: Bench): Line[] {
  switch (measured.bench) {
    case "kv":
      return kvLines(measured);
    case "sqlite":
      return sqliteLines(measured);
    case "crm":
      return crmLines(measured);
    case "documents":
      return documentsLines(measured);
    case "users":
      return usersLines(measured);
  }
}

const KV = {
  "(b) pipeline, one worker": ["migrate, one worker", "plain insert … select, one session"],
  "(b) pipeline, two workers": ["migrate, two workers", "plain insert … select, one session"],
  "(c) supabase-js: pages by key, upserts": ["script, pages of upserts", "migrate, two workers"],
  "(e) verify": ["verify every row", "migrate, two workers"],
  "(f) a second run, nothing changed": ["migrate again, nothing changed", "migrate, two workers"],
  "(h) roll-back": ["roll back", "plain delete … using, one session"],
} as const;

function kvLines({ results, memory }: KvBench): Line[] {
  return results.flatMap(({ name, seconds, ratio }) => {
    const said = KV[name as keyof typeof KV];
    return said === undefined ? [] : [{
      bench: "kv",
      what: said[0],
      beside: said[1],
      seconds: median(seconds),
      ratio: ratio!.value,
      ...name.endsWith("two workers") ? { peakBytes: memory.functions } : {},
    }];
  });
}

function sqliteLines({ seconds, ratios, whole, wholeRatios, peakBytes }: SqliteBench): Line[] {
  const imported = median(seconds.import);
  const moved = median(whole.map((part) => part.import + part.migrate)) / 1_000;
  const line = (what: string, beside: string, seconds: number, ratio: number | null) => ({
    bench: "sqlite",
    what,
    beside,
    seconds,
    ratio,
  });
  return [
    { ...line("import", "the server's copy", imported, ratios.copy), peakBytes },
    line("import", "pgloader, same tables", imported, ratios.pgloader),
    line("import and migrate", "pgloader, its own tables", moved, wholeRatios.moved),
  ];
}

function crmLines({ all, one, verify, script, ratios }: CrmBench): Line[] {
  const total = (moves: CrmBench["all"]) =>
    median(moves.map((move) => move.import + move.migrate)) / 1_000;
  const line = (what: string, beside: string, seconds: number, ratio: number | null) => ({
    bench: "crm",
    what,
    beside,
    seconds,
    ratio,
  });
  return [
    line("import and migrate", "pg_dump | psql", total(all), ratios.dump),
    line("one company of ten", "all companies", total(one), ratios.one),
    line(
      "verify every row",
      "import and migrate",
      median(verify) / 1_000,
      median(verify) / 1_000 / total(all),
    ),
    line(
      "script, cursor and inserts",
      "import and migrate",
      median(script.map(({ ms }) => ms)) / 1_000,
      ratios.script,
    ),
  ];
}

function documentsLines({ export: exported, ratios }: DocumentsBench): Line[] {
  const peaks = exported.flatMap(({ peakBytes }) => peakBytes ?? []);
  return [{
    bench: "documents",
    what: "export to files",
    beside: "copy of the same documents",
    seconds: median(exported.map(({ ms }) => ms)) / 1_000,
    ratio: ratios.copy,
    peakBytes: peaks.length === 0 ? null : Math.max(...peaks),
  }];
}

function usersLines({ results }: UsersBench): Line[] {
  const [plain, inSql] = results;
  return [{
    bench: "users",
    what: "ten users of all that wait",
    beside: "plain insert … select of their rows",
    seconds: median(inSql!.ms) / 1_000,
    ratio: median(inSql!.ms) / median(plain!.ms),
  }];
}
