import type { JobsSummary } from "./run_demo.ts";

/**
 * Holds what the demo found against itself.
 *
 * @returns What does not add up, in words; nothing when everything does.
 */
export function checkJobsSummary(summary: JobsSummary): string[] {
  const { app, rounds, verification, undone, left, credits } = summary;
  const wrong: string[] = [];
  const expect = (holds: boolean, otherwise: string) => holds || wrong.push(otherwise);

  let loaded = 0;
  for (const [nth, round] of rounds.entries()) {
    const name = `round ${nth + 1}`;
    expect(round.inFile === app.credits, `${name}: ${round.inFile} of ${app.credits} credits`);
    expect(round.loaded + round.waiting === round.inFile, `${name}: credits are missing`);
    expect(round.unbalanced === 0, `${name}: ${round.unbalanced} users' credits do not add up`);
    expect(round.arrived > 0 && round.loaded !== loaded, `${name}: nothing was loaded`);
    loaded = round.loaded;
  }
  expect(verification.state === "clean", "the tables differ from what the transforms give");
  expect(
    undone.every(({ entities }) => entities.every((entity) => entity.left === 0)),
    "a roll-back has left rows",
  );
  expect(left === 0, `${left} rows are left after the roll-back`);
  expect(credits.loaded === 0, `${credits.loaded} credits are left after the roll-back`);
  return wrong;
}
