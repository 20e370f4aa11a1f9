export { contractFileName, contractText } from "./contract.ts";
export { connectorData } from "./data.ts";
export { GENERATED_PATHS, generate, isGenerated } from "./generate.ts";
export { type SharedSchemas, shareSchemas } from "./schemas.ts";
