import { table } from "../../invoke/table.ts";
import type { TrapsBench } from "../traps.ts";
import type { Verdict } from "./trap.ts";

/**
 * Shows what became of the traps as lines of text.
 *
 * @param alone Whether pgloader was left out on purpose.
 */
export function showTraps({ machine, traps }: TrapsBench, alone: boolean): string[] {
  const { postgres, pgloader: version } = machine.versions;
  const cells = (own: string, other: string) => alone ? [own] : [own, other];
  const rights = (verdicts: readonly (Verdict | null)[]) =>
    `${verdicts.filter((verdict) => verdict?.right).length} of ${traps.length} right`;
  return [
    `traps: ${traps.length} small SQLite files, Postgres ${postgres}`,
    "",
    ...table(
      ["", ...cells("Landfall", `pgloader ${version ?? ""}`.trim())],
      [
        ...traps.map(({ name, landfall, pgloader }) => [
          name,
          ...cells(landfall.found, pgloader?.found ?? "not on the PATH"),
        ]),
        [
          "",
          ...cells(
            rights(traps.map(({ landfall }) => landfall)),
            version === undefined ? "" : rights(traps.map(({ pgloader }) => pgloader)),
          ),
        ],
      ],
    ),
  ];
}
