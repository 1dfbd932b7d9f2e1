import { storePipeline } from "../support/store_pipeline.ts";
import { verify } from "../support/migration.ts";
import { writeMigration } from "../../scripts/generate/kv/write/write_migration.ts";
import { showReport } from "../../scripts/generate/kv/show_report.ts";
import { reportOf } from "../../scripts/generate/kv/report.ts";

const files = (Deno.env.get("STORES") ?? "").split(" ").filter(Boolean);
for (const file of files) {
  Deno.test(file, async () => {
    await using store = await storePipeline(file);
    if (Deno.env.get("ACCOUNTS")) {
      for (let n = 1; n < 10; n++) {
        await store
          .sql`insert into auth.users (id) values (${`00000000-0000-4000-8000-00000000000${n}`})`;
      }
    }
    await store.sql.unsafe(
      `do $do$ begin if to_regproc('landfall.json_differences') is null then create function landfall.json_differences(a jsonb, b jsonb) returns table (path text, kind text, original_value jsonb, restored_value jsonb) language sql as $$ select coalesce(x.key, y.key, ''), case when x.value is null then 'added' when y.value is null then 'lost' else 'changed' end, x.value, y.value from (select case when jsonb_typeof(a) = 'string' and a #>> '{}' ~ '^[[{]' then (a #>> '{}')::jsonb else a end as a) d cross join lateral jsonb_each(case jsonb_typeof(d.a) when 'object' then d.a else jsonb_build_object('', d.a) end) x full join jsonb_each(case jsonb_typeof(b) when 'object' then b else jsonb_build_object('', b) end) y on x.key = y.key where x.value is distinct from y.value and coalesce(x.value,'null') <> coalesce(y.value,'null') $$; grant execute on function landfall.json_differences to service_role; end if; end $do$`,
    );
    const plan = await store.plan();
    const out: string[] = [`########## ${file}`];
    try {
      await Deno.writeTextFile(`/tmp/try/${file.split("/").at(-1)}.sql`, writeMigration(plan));
      out.push(...showReport(reportOf(plan)));
      for (const e of plan.entities) {
        out.push(
          `-- ${e.name} pk(${e.primaryKey}) ${
            e.columns.map((c) => `${c.name} ${c.type}${c.notNull ? " nn" : ""}`).join(", ")
          } | uniq ${e.uniques.map((u) => u.columns)} | chk ${e.checks.map((u) => u.column)} | fk ${
            e.foreignKeys.map((f) => f.columns + ">" + f.parent + (f.postponed ? "*" : ""))
          } | orphans ${e.orphans.map((o) => o.column + ">" + o.parent)}`,
        );
      }
      const { run } = await store.move();
      out.push(
        JSON.stringify(run.entities.map((e) => [e.entity, e.source, e.inserted, e.rejected])),
        JSON.stringify(run.rejects),
        JSON.stringify(run.findings),
      );
      const v = await verify(store.engine, "app");
      out.push(`verified ${v.state}`);
      for (const a of await store.account()) out.push(`ACCOUNT ${JSON.stringify(a)}`);
      const groups = Map.groupBy(
        await store.losses(),
        (l) => JSON.stringify([l.family, l.kind, l.path.replace(/\[\d+\]/g, "[]"), l.why]),
      );
      for (const [g, ls] of groups) out.push(`LOSS ${ls.length} ${g} ${ls[0]!.key}`);
    } finally {
      console.log(out.join("\n"));
    }
  });
}
