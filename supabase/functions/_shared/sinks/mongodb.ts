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
  MongoAPIError,
  MongoBulkWriteError,
  MongoClient,
  MongoError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
  MongoWriteConcernError,
  ObjectId,
  ReadConcern,
} from "mongodb";
import { BSON } from "mongodb";

export const { EJSON } = BSON;
