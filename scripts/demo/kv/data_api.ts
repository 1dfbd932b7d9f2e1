import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Target } from "../../invoke/target.ts";

export type { SupabaseClient };

/** A client of a project's Data API, with its secret key and nothing kept between calls. */
export function dataApi({ url, secretKey }: Target): SupabaseClient {
  return createClient(url, secretKey, { auth: { persistSession: false, autoRefreshToken: false } });
}
