import { relative } from "@std/path";
import { commandLine } from "../../invoke/command_line.ts";
import { printable } from "../../invoke/printable.ts";
import type { StoreReport } from "./report.ts";

/** Says what was written, and which commands come next. */
export function showNext(
  { pipeline }: StoreReport,
  { output, file }: { readonly output: string; readonly file: string | undefined },
): string[] {
  const here = relative(Deno.cwd(), output);
  return [
    `Written: ${here.startsWith("..") ? output : here}. Read it before you apply it.`,
    "",
    "Next:",
    "  deno task supabase db push",
    file === undefined
      ? `  ${commandLine("migrate", { pipeline, dryRun: true })}`
      : printable(`  deno task import kv ${file} --pipeline ${pipeline}`),
    `  ${commandLine("migrate", { pipeline })}`,
  ];
}
