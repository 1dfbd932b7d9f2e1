import type { SupabaseClient } from "@supabase/supabase-js";
import type postgres from "postgres";
import { type Engine, engineOver } from "../../supabase/functions/_shared/engine.ts";

/**
 * The engine as the edge functions see it, on a test's database without the Data API between.
 *
 * @param sql Queries as service_role.
 */
export function engineOn(sql: postgres.Sql): Engine {
  const rpc = async (name: string, parameters: Record<string, unknown>) => {
    const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
    const list = given.map(([key], nth) => `${key} => $${nth + 1}`).join(", ");
    try {
      const [row] = await sql.unsafe(
        `select landfall.${name}(${list}) as reply`,
        given.map(([, value]) => value as postgres.ParameterOrJSON<never>),
      );
      return { data: row!.reply === "" ? null : row!.reply, error: null, status: 200 };
    } catch (error) {
      const { code, message, detail, hint } = error as postgres.PostgresError;
      return { data: null, error: { code, message, details: detail, hint }, status: 400 };
    }
  };
  return engineOver({ schema: () => ({ rpc }) } as unknown as SupabaseClient);
}
