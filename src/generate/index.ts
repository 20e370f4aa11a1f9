export { contractFileName, contractText } from "./contract.ts";
export { GENERATED_PATHS, generate, isGenerated } from "./generate.ts";
export { type SharedSchemas, shareSchemas } from "./schemas.ts";
