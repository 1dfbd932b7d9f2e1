import { LandfallError } from "../../supabase/functions/_shared/errors.ts";
import { callAndReport } from "../invoke/call_and_report.ts";
import { EXIT } from "../invoke/exit_code.ts";
import { Interruption } from "../invoke/interruption.ts";
import { readFlags } from "../invoke/read_flags.ts";
import { takeFlag } from "../invoke/take_flag.ts";
import { findTarget } from "../invoke/target.ts";
import { targetVariables } from "../stack/target_variables.ts";
import { exportFiles } from "./files/export_files.ts";
import { showManifest } from "./files/show_manifest.ts";
import { functionHere } from "./function_here.ts";
import { readExportFlags, USAGE } from "./read_flags.ts";

/**
 * Exports the documents of a pipeline: into files for mongoimport, or straight into a MongoDB.
 *
 * @param args The flags, as typed. With `--to`, all flags of the function export-documents.
 * @returns The exit code.
 * @throws LF008 for wrong usage; what else the export raises.
 */
export async function exportDocuments(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(`Usage: ${USAGE}\nWith --to, also the flags of export-documents.`);
    return EXIT.clean;
  }
  const { value: url, rest } = takeFlag("to", "the URL of a MongoDB", args);
  if (url !== undefined) return await exportToMongo(url, rest);
  if (!args.some((arg) => arg === "--out" || arg.startsWith("--out="))) {
    const set = Deno.env.get("LANDFALL_MONGODB_URL");
    if (set) return await exportToMongo(set, rest);
    throw new LandfallError("LF008", "Neither --to nor --out says where the documents go", {
      hint: `Usage: ${USAGE}.`,
    });
  }
  return await exportToFiles(rest);
}

async function exportToMongo(url: string, args: readonly string[]): Promise<number> {
  for (const [name, value] of Object.entries(await targetVariables())) Deno.env.set(name, value);
  const invocation = readFlags("export-documents", args);
  const settings = { LANDFALL_MONGODB_URL: url };
  const log = invocation.verbose ? console.error : () => {};
  const target = await functionHere(findTarget(), "export-documents", settings, log);
  return await callAndReport(invocation, target, {
    spell: (command) =>
      command.replace(/^.* export-documents/, "deno task export documents") +
      " --to '<the same URL>'",
  });
}

async function exportToFiles(args: readonly string[]): Promise<number> {
  const flags = readExportFlags(args);
  using interruption = new Interruption();
  try {
    const manifest = await exportFiles(flags, interruption.signal);
    console.log(
      flags.json ? JSON.stringify(manifest) : showManifest(manifest, flags.out).join("\n"),
    );
    return manifest.collections.some(({ rejected }) => rejected.length > 0)
      ? EXIT.rejects
      : EXIT.clean;
  } catch (error) {
    if (interruption.exit === undefined) throw error;
    console.error("Interrupted: no file is left behind.");
    return interruption.exit;
  }
}
