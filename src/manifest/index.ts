export { crossFolder, type NamedConnector, vaultPlatform } from "./cross.ts";
export type { Finding } from "./finding.ts";
export type { Reading } from "./judge.ts";
export { openReader, type Reader, type ReaderOptions } from "./reader.ts";
export { jsonSchema } from "./schema.ts";
export { nameProblem } from "./source/name.ts";
export { type InputFile, openRegular } from "./source/open.ts";
export type {
  Auth,
  AuthMode,
  Budget,
  Execution,
  Graphql,
  Kpi,
  Manifest,
  OauthMarketplace,
  Platform,
  Response,
  Rest,
  Scope,
  Sql,
  Step,
  Tool,
  Utm,
  Whoami,
} from "./types.ts";

export { readYamlFile, type YamlFile } from "./yaml-file.ts";

/** First line of every manifest that we write: editors find the JSON Schema by it. */
export const SCHEMA_COMMENT = "# yaml-language-server: $schema=../manifest.schema.json";
