export { GENERATED_PATHS, generate, isGenerated } from "./generate.ts";
