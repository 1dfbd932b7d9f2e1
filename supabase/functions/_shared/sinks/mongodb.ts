/**
 * The official driver, imported here alone.
 *
 * @module
 */
export {
  type AnyBulkWriteOperation,
  Binary,
  BSON,
  type Db,
  Decimal128,
  Double,
  Int32,
  Long,
  MongoBulkWriteError,
  MongoClient,
  MongoError,
  MongoNetworkError,
  MongoParseError,
  MongoServerError,
  MongoServerSelectionError,
  ObjectId,
} from "mongodb";
import { BSON } from "mongodb";

export const { EJSON } = BSON;
