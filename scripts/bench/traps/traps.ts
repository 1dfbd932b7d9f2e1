import { CONSTRAINT_TRAPS } from "./constraint_traps.ts";
import { DECLARATION_TRAPS } from "./declaration_traps.ts";
import { DEFAULT_TRAPS } from "./default_traps.ts";
import { KEY_TRAPS } from "./key_traps.ts";
import { NUMBER_TRAPS } from "./number_traps.ts";
import { TEXT_TRAPS } from "./text_traps.ts";
import { TIME_TRAPS } from "./time_traps.ts";
import type { Trap } from "./trap.ts";

/** All traps, in the order of the table. */
export const TRAPS: readonly Trap[] = [
  ...DECLARATION_TRAPS,
  ...DEFAULT_TRAPS,
  ...TEXT_TRAPS,
  ...NUMBER_TRAPS,
  ...TIME_TRAPS,
  ...CONSTRAINT_TRAPS,
  ...KEY_TRAPS,
];
