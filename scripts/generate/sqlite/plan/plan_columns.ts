import { LandfallError } from "../../../../supabase/functions/_shared/errors.ts";
import type { TableCensus } from "../census/take_census.ts";
import type { ColumnMapping, TableMapping } from "../mapping.ts";
import type { FileColumn, FileTable } from "../schema/file_schema.ts";
import type { Choices } from "./adopt_keys.ts";
import { nameHints } from "../../names/name_hints.ts";
import { Names, SYSTEM_COLUMNS } from "../../names/names.ts";
import type { ColumnPlan } from "./pipeline_plan.ts";
import { isInteger } from "./type_family.ts";
import { mappedChoice } from "./mapped_choice.ts";
import { rowIdColumn } from "./row_id_column.ts";

/** What the engine calls its own beside a target's columns, and what Postgres calls its own. */
const TAKEN = ["source_key", "source_row", "waiting_for", "scope_key", ...SYSTEM_COLUMNS];

const HIGHEST = 2n ** 63n - 1n;

/** What a table's columns are planned with. */
export interface ColumnContext {
  readonly file: FileTable;
  readonly census: TableCensus;
  readonly choices: Choices;
  readonly mapping: TableMapping;
  /** How a name is written in Postgres. */
  readonly style: (name: string) => string;
  /** A sequence's name for an identity column. */
  readonly sequence: (column: string) => string;
  /** The type of the key that rows of a table of the file get. */
  readonly keyType: (table: string) => string;
}

/**
 * Plans the columns of a target: those of the file, and those that the mapping adds.
 *
 * Defaults and generated columns need the names of all columns: they come later.
 */
export function planColumns(context: ColumnContext): ColumnPlan[] {
  const { file, mapping, style } = context;
  const names = new Names(TAKEN);
  const added = Object.entries(mapping.add ?? {});
  for (const [name, column] of added) {
    if (names.take(name) !== name || name.startsWith("lf_")) throw refuseName(file.name, name);
    const filled = column.expression ?? column.default;
    if (filled === undefined && (column.notNull || column.primaryKey)) {
      throw new LandfallError(
        "LF013",
        `Cannot add column ${name} to ${file.name}: it may not be NULL`,
        {
          hint: "Give it a default or an expression in the mapping.",
        },
      );
    }
  }
  const fromFile = file.columns.flatMap((column) => {
    const mapped = mapping.columns?.[column.name] ?? {};
    if (mapped.skip !== undefined) return [];
    // the engine takes columns that begin like its own for these
    const wanted = mapped.name ?? style(column.name);
    const name = names.take(wanted.replace(/^lf_/, "f_") || "column");
    if (mapped.name !== undefined && name !== mapped.name) throw refuseName(file.name, mapped.name);
    const planned = plan(context, column, mapped, name);
    return [
      name === wanted ? planned : {
        ...planned,
        renamed: true,
        evidence: [`${column.name} in the file`, ...planned.evidence],
      },
    ];
  });
  const fromMapping = added.map(([name, column]): ColumnPlan => ({
    name,
    renamed: false,
    type: column.type,
    notNull: (column.notNull ?? false) || (column.primaryKey ?? false),
    default: column.default,
    generated: undefined,
    identity: undefined,
    file: undefined,
    census: undefined,
    reading: undefined,
    expression: column.expression,
    follows: undefined,
    secret: false,
    evidence: ["added by the mapping"],
    misfits: 0,
  }));
  const isKeyAdded = added.some(([, { primaryKey }]) => primaryKey);
  const keyOfOurs = (name: string) => rowIdColumn(name, context.sequence(name));
  const rowId = file.primaryKey.length === 0 && !isKeyAdded && file.rowId !== undefined
    ? [
      keyOfOurs(names.take(fromFile.some(({ name }) => name === "id") ? "row_id" : "id")),
    ]
    : [];
  const isKey = ({ name }: ColumnPlan) => mapping.add![name]!.primaryKey === true;
  return [
    ...fromMapping.filter(isKey),
    ...rowId,
    ...fromFile,
    ...fromMapping.filter((column) => !isKey(column)),
  ];
}

function plan(
  { file, census, choices, sequence, keyType }: ColumnContext,
  column: FileColumn,
  mapped: ColumnMapping,
  name: string,
): ColumnPlan {
  const counted = census.columns.get(column.name)!;
  const { type, reading, evidence, misfits } = mappedChoice(choices.get(column.name)!, mapped);
  const secret = mapped.secret ?? nameHints(column.name).secret;
  const isKey = file.primaryKey.includes(column.name);
  const isIdentity = column.name === file.rowIdAlias && isInteger(type);
  const base = {
    name,
    renamed: false,
    notNull: mapped.notNull ?? (column.notNull || isKey),
    default: undefined,
    generated: undefined,
    identity: isIdentity
      ? { sequence: sequence(name), start: firstNumber(counted.mostInteger, file.highestRowId) }
      : undefined,
    file: column,
    census: counted,
    secret,
    misfits,
  };
  if (mapped.follows !== undefined) {
    return {
      ...base,
      type: keyType(mapped.follows),
      reading: undefined,
      expression: undefined,
      follows: mapped.follows,
      misfits: 0,
      evidence: [`the new key of the row of ${mapped.follows} that it names`],
    };
  }
  const shown = secret
    ? evidence.filter((sentence) => !/ between | of \d{4}/.test(sentence))
    : evidence;
  return {
    ...base,
    type,
    reading: mapped.expression === undefined ? reading : undefined,
    expression: mapped.expression,
    follows: undefined,
    evidence: mapped.expression === undefined ? shown : ["by the mapping"],
  };
}

/** Where a sequence begins: past the highest number there is, and ever was. */
function firstNumber(most = 0n, ever = 0n): bigint {
  const highest = ever > most ? ever : most;
  return highest > 0n && highest < HIGHEST ? highest + 1n : 1n;
}

function refuseName(table: string, name: string): LandfallError {
  return new LandfallError("LF013", `Cannot add column ${name} to ${table}: the name is taken`, {
    details: `Names that are taken: ${TAKEN.join(", ")}, and all that begin with lf_.`,
    hint: "Choose another name in the mapping.",
  });
}
