import { CONSTRAINT_TRAPS } from "./constraint_traps.ts";
import { DECLARATION_TRAPS } from "./declaration_traps.ts";
import { KEY_TRAPS } from "./key_traps.ts";
import { TIME_TRAPS } from "./time_traps.ts";
import type { Trap } from "./trap.ts";
import { VALUE_TRAPS } from "./value_traps.ts";

/** All traps, in the order of the table. */
export const TRAPS: readonly Trap[] = [
  ...DECLARATION_TRAPS,
  ...VALUE_TRAPS,
  ...TIME_TRAPS,
  ...CONSTRAINT_TRAPS,
  ...KEY_TRAPS,
];
