import type postgres from "postgres";
import { AdvanceReport, VerificationAdvance } from "../../supabase/functions/_shared/replies.ts";
import { migrate, type RollbackReport, type VerificationReport } from "../support/migration.ts";
import { type Setup, setup } from "./setup.ts";

/** More rows than a batch of a roll-back holds, and than two ranges of a verification. */
export const ROWS = 20_500;

/** Teams, and more people than one batch undoes, migrated. */
export async function migrated(): Promise<Setup> {
  const test = await setup({
    name: "teams",
    many: { count: 10, row: "jsonb_build_object('id', n, 'name', 'Team ' || n)" },
  }, {
    columns: "id int primary key, name text not null, team int not null references teams",
    many: {
      count: ROWS,
      row: "jsonb_build_object('id', n, 'name', 'Name ' || n, 'team', n % 10 + 1)",
    },
  });
  await migrate(test.engine, "shop");
  return test;
}

export function deleted(report: RollbackReport): number[] {
  return report.entities.map(({ deleted }) => deleted);
}

export async function left({ sql }: Setup): Promise<Record<string, number>> {
  const [row] = await sql`
    select
      (select count(*)::int from items) as items,
      (select count(*)::int from teams) as teams,
      (select count(*)::int from landfall.lineage) as lineage`;
  return { ...row };
}

export async function advanceRollback(sql: postgres.Sql, budgetMs = 1): Promise<AdvanceReport> {
  const [row] = await sql`select landfall.advance_rollback(1, ${budgetMs}) as report`;
  return AdvanceReport.parse(row!.report);
}

export async function startVerification(sql: postgres.Sql): Promise<number> {
  const [row] = await sql`select landfall.start_verification('shop') as report`;
  return row!.report.verificationId;
}

/** Compares one range, or one table as a whole. */
export async function advanceVerification(
  sql: postgres.Sql,
  id: number,
): Promise<VerificationAdvance> {
  const [row] = await sql`select landfall.advance_verification(${id}, 0) as report`;
  return VerificationAdvance.parse(row!.report);
}

export async function finishVerification(
  sql: postgres.Sql,
  id: number,
): Promise<VerificationReport> {
  while ((await advanceVerification(sql, id)).state === "running");
  const [row] = await sql`select landfall.verification_report(${id}) as report`;
  return row!.report;
}
