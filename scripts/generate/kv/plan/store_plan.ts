import type { Form } from "./guess_form.ts";
import type { Family } from "./family.ts";
import type { Role } from "./role.ts";

/** All that a migration for a store will say. */
export interface StorePlan {
  readonly pipeline: string;
  readonly schema: string;
  readonly description: string;
  /** What was read: a table or a file. */
  readonly store: string;
  /** A regular expression for the names of tables that the pipeline may read. */
  readonly pattern: string;
  readonly keys: number;
  /** Keys of more parts than are looked at, which are of no family. */
  readonly unknown: number;
  readonly families: readonly FamilyPlan[];
  /** Parents before their children. */
  readonly entities: readonly EntityPlan[];
  /** Lists and look-ups, which the rows stand for. */
  readonly represented: readonly RepresentedPlan[];
  readonly questions: readonly Question[];
}

/** A list of ids, or a look-up of one, that an entity's rows say as well. */
export interface RepresentedPlan {
  readonly family: Family;
  readonly role: "list" | "lookup";
  /** A lower case word for its findings. */
  readonly name: string;
  readonly entity: string;
  /** The column that says what the key says; none for the list of all. */
  readonly column: string | undefined;
  /** The member that holds the id; "" where every value is the id. */
  readonly member: string;
}

/** What becomes of the keys of a family. */
export interface FamilyPlan {
  readonly family: Family;
  readonly role: Role["role"];
  readonly outcome: "migrated" | "represented" | "excluded";
  /** The entity that its records, elements or values become, or that stands for it. */
  readonly entity: EntityPlan | undefined;
  /** What it is, or why it is left out. */
  readonly why: string;
}

/** Something that a person may want otherwise. */
export interface Question {
  readonly about: string;
  readonly question: string;
  /** What is done unless the mapping says otherwise. */
  readonly taken: string;
  /** The lines of a mapping file that change it. */
  readonly mapping: unknown;
}

/** A table, and what becomes a row of it. */
export interface EntityPlan {
  readonly name: string;
  readonly comment: string;
  readonly sources: readonly Source[];
  readonly columns: readonly ColumnPlan[];
  readonly primaryKey: readonly string[];
  readonly uniques: readonly UniquePlan[];
  readonly checks: readonly CheckPlan[];
  readonly foreignKeys: readonly ForeignKeyPlan[];
  /** Columns whose values nearly all name a row of another entity. */
  readonly orphans: readonly OrphansPlan[];
  /** Columns to look up by, for which no constraint has an index. */
  readonly indexes: readonly IndexPlan[];
  /** The column that names the account whose row it is. */
  readonly owner: OwnerPlan | undefined;
  /** Members of the documents that are secrets. */
  readonly secrets: readonly string[];
}

/** Records of a family, elements of its documents, or the documents themselves. */
export type Source =
  | {
    readonly kind: "records";
    readonly family: Family;
    /** Families that are asked first: what they have is not taken from this one. */
    readonly after: readonly Family[];
  }
  | { readonly kind: "parts"; readonly family: Family; readonly part: PartPlan }
  | { readonly kind: "settings"; readonly families: readonly Family[] };

/** Elements of an array or map in documents. */
export interface PartPlan {
  readonly name: string;
  /** The member that holds them; "" for the document itself. */
  readonly member: string;
  readonly isMap: boolean;
  /** Whether they are objects, and whether these know their ids. */
  readonly objects: boolean;
  readonly byId: boolean;
  /** The lists whose pairs are taken first, which say the same the other way round. */
  readonly mirrors: MirrorPlan | undefined;
}

/** A list in a family's documents, or its document. */
export interface MirrorPlan {
  readonly family: Family;
  readonly part: string;
  readonly member: string;
}

/** Where a column's values come from, in each source of its entity. */
export type Origin =
  | { readonly from: "segment"; readonly segment: number }
  | { readonly from: "member"; readonly names: readonly string[] }
  | { readonly from: "attribute"; readonly family: Family }
  /** All members but these: those that are named by ids. */
  | { readonly from: "rest"; readonly names: readonly string[] }
  | { readonly from: "element" }
  | { readonly from: "position" }
  | { readonly from: "name" }
  | { readonly from: "key" }
  | { readonly from: "value" }
  | { readonly from: "nothing" };

/** A column. */
export interface ColumnPlan {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly default: string | undefined;
  /** One for each source of the entity. */
  readonly origins: readonly Origin[];
  readonly form: Form;
  /** Whether empty texts mean that there is no value. */
  readonly empties: boolean;
  /** The name of the member that holds it in a document; none where only the key does. */
  readonly member: string | undefined;
  readonly evidence: readonly string[];
}

export interface UniquePlan {
  readonly columns: readonly string[];
  readonly why: string;
}

export interface CheckPlan {
  readonly column: string;
  readonly values: readonly string[];
  readonly why: string;
}

export interface IndexPlan {
  readonly columns: readonly string[];
  readonly why: string;
}

export interface ForeignKeyPlan {
  readonly columns: readonly string[];
  readonly parent: string;
  readonly parentColumns: readonly string[];
  /** It closes a circle: to be added when all rows are there. */
  readonly postponed: boolean;
}

export interface OrphansPlan {
  readonly column: string;
  readonly parent: string;
  readonly parentColumn: string;
  readonly rows: number;
  readonly of: number;
}

export interface OwnerPlan {
  readonly column: string;
  readonly why: string;
}
