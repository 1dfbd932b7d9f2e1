import type { Family } from "./family.ts";

/** What the keys of a family are to the app. */
export type Role =
  /** Records of a table. */
  | { readonly role: "entity" }
  /** Records of another family's table, under keys with more or fewer segments. */
  | { readonly role: "generation"; readonly of: Family }
  /** Records that another family has, too. */
  | { readonly role: "copy"; readonly of: Family }
  /** Arrays or maps of records, one for each parent, if there is one. */
  | { readonly role: "elements"; readonly isMap: boolean }
  /** Lists of ids: which of those belong to whom. */
  | { readonly role: "junction"; readonly parent: Family | undefined; readonly of: Family }
  /** Lists of the ids of all records, or of those of a parent, which the records know as well. */
  | { readonly role: "list"; readonly of: Family; readonly by: By | undefined }
  /** Lists that say the other way round what lists of another family say, or of its documents. */
  | { readonly role: "mirror"; readonly of: Family; readonly member: string }
  /** The id of a record by another value that it has. */
  | { readonly role: "lookup"; readonly of: Family; readonly member: string }
  /** One more value of another family's records. */
  | { readonly role: "attribute"; readonly of: Family }
  /** Single values, each under a key of its own. */
  | { readonly role: "values" }
  /** A single document of the app. */
  | { readonly role: "setting" }
  | { readonly role: "marker" }
  /** What is worth nothing after a while. */
  | { readonly role: "ephemeral" }
  | { readonly role: "secret" };

/** What of a record says which list it is in: a member of its document, or a segment of its key. */
export interface By {
  readonly member: string;
  readonly segment: number;
}
