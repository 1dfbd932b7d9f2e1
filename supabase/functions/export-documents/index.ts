import { exportDocuments } from "../_shared/export_documents.ts";
import { ExportDocumentsRequest } from "../_shared/requests.ts";
import { serve } from "../_shared/serve.ts";

/** Runs a pipeline whose rows become documents, or rehearses that. */
export default { fetch: serve("export-documents", ExportDocumentsRequest, exportDocuments) };
