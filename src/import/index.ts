export { type ArgentosOptions, importArgentos } from "./argentos/argentos.ts";
export type { ArgentosFolder } from "./argentos/read.ts";
export { type ContractOptions, type ImportedContract, importContract } from "./contract/contract.ts";
export { type Merged, mergeImport, type Versions } from "./merge.ts";
export type { Conflict, Preference } from "./merge-values.ts";
export type { NotCarried } from "./notes.ts";
export { importOpenapi, type OpenapiOptions } from "./openapi/openapi.ts";
export type { Imported, ImportReport } from "./types.ts";
