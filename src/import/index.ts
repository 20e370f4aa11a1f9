export type { NotCarried } from "./notes.ts";
export { importOpenapi, type OpenapiOptions } from "./openapi/openapi.ts";
export type { Imported, ImportReport } from "./types.ts";
