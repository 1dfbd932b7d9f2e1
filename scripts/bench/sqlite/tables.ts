/** The tables of the benchmark's file: all their columns are text in staging. */
export const TABLES = {
  users: ["id", "email", "created_at", "last_login"],
  jobs: [
    "id",
    "user_id",
    "job_type",
    "status",
    "created_at",
    "updated_at",
    "source_file",
    "result_file",
    "metadata",
  ],
  credit_transactions: [
    "id",
    "user_id",
    "amount",
    "transaction_type",
    "reference_id",
    "created_at",
    "description",
  ],
} as const;

/** The schema that pgloader fills: it cannot give a table another name. */
export const PGLOADER_SCHEMA = "pgloader";
