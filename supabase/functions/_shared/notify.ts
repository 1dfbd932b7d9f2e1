import type { RunReport } from "./replies.ts";
import { endLine } from "./core/end_line.ts";
import { withoutValues } from "./core/without_values.ts";
import type { Engine } from "./engine.ts";
import { log } from "./log.ts";
import { settings } from "./settings.ts";

/** Chat tools answer at once; the caller waits for them. */
const TIMEOUT_MS = 5_000;
const ENDS: readonly string[] = ["completed", "failed", "cancelled", "rolled_back"];

/** What came of telling; a URL holds a secret and what answers may hold anything. */
type Told = { readonly status: number } | { readonly error: string };

/**
 * Tells the end of a run to LANDFALL_WEBHOOK_URL, when that is set: one POST of
 * `{ text, report }`, whose `text` chat tools show.
 *
 * To be called wherever a run may have ended. Each end is told once, by whoever sees it first, and
 * is not tried again. The report holds no values of rows but source keys. It never throws: what becomes of the message is logged, and harms nothing.
 *
 * @param report The run as it is now; one that is not over is passed by.
 */
export async function notify(engine: Engine, report: RunReport): Promise<void> {
  const { runId, state } = report;
  if (runId === null || !ENDS.includes(state)) return;
  try {
    const { webhookUrl } = settings();
    if (webhookUrl === undefined) return;
    const url = URL.parse(webhookUrl);
    if (url === null || !/^https?:$/.test(url.protocol)) {
      log("not notified", { runId, state, error: "LANDFALL_WEBHOOK_URL is malformed" });
      return;
    }
    if (!await engine.announceRun(runId)) return;
    const told = await post(url, { text: endLine(report), report: withoutValues(report) });
    const done = "status" in told && told.status >= 200 && told.status < 300;
    log(done ? "notified" : "not notified", { runId, state, ...told });
  } catch (error) {
    log("not notified", { runId, state, error: nameOf(error) });
  }
}

async function post(url: URL, message: { text: string; report: unknown }): Promise<Told> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(message),
      // what is told here is for this address alone
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return { status: response.status };
  } catch (error) {
    return { error: nameOf(error) };
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "Error";
}
