export { type ContractFile, manifestNamingRule, readContract } from "./contract-file.ts";
export { crossFolder, type NamedConnector, vaultPlatform } from "./cross.ts";
export { digestOf } from "./digest.ts";
export { unerasable } from "./erasable.ts";
export type { Finding } from "./finding.ts";
export { jsonFault } from "./json.ts";
export type { Reading } from "./judge.ts";
export { CONTRACT_NAME, LIST, MAX_TOOL_FILES, MAX_TOOLS, MAX_YAML_BYTES, TEXT } from "./limits.ts";
export { openReader, type Reader, type ReaderOptions } from "./reader.ts";
export { startsShell } from "./rules/applescript.ts";
export { isMutation } from "./rules/graphql.ts";
export { patternProblem } from "./rules/pattern.ts";
export { bindings, changesData } from "./rules/sql.ts";
export { jsonSchema } from "./schema.ts";
export { SCHEMA_COMMENT } from "./schema-comment.ts";
export { findSecrets } from "./secrets.ts";
export type { Contract } from "./shape/contract.ts";
export { UNCOMPILED } from "./shape/parts.ts";
export { nameProblem } from "./source/name.ts";
export { type InputFile, openRegular } from "./source/open.ts";
export {
  type Mode,
  modeOf,
  type RecordedResponse,
  readTests,
  type TestCase,
  type Tests,
} from "./tests.ts";
export type {
  AccountField,
  Applescript,
  Auth,
  AuthMode,
  Budget,
  Execution,
  ExtraKey,
  FieldStyle,
  Graphql,
  KeyPlace,
  Kpi,
  Manifest,
  NamedKey,
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
