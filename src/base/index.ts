export { type Clock, systemClock } from "./clock.ts";
export { CODES, type Code, type CodeMeaning, type RuntimeCode, type Severity } from "./codes.ts";
export {
  byCodeUnit,
  compareDiagnostics,
  type Diagnostic,
  diagnostic,
  type Span,
  WHOLE_FILE,
} from "./diagnostic.ts";
export { Bug, errno, RegistryRefusal, RegistryUnavailable, UserError } from "./errors.ts";
export { sha256 } from "./hash.ts";
export { orderedId } from "./ids.ts";
export { copied, type Json, type JsonObject } from "./json.ts";
export { createLogger, LOG_LEVELS, type Logger, type LoggerSettings, type LogLevel } from "./log.ts";
export { FROM_SOURCE, houseModule, PACKAGE_ROOT } from "./module.ts";
export { EXACT_MULTIPLE, isMultipleOf } from "./multiple.ts";
export { isRunning } from "./process.ts";
export { registerSecret, scrubText } from "./scrub.ts";
export { replaceParameters, type SqlDialect, sqlCode } from "./sql.ts";
export { HIDDEN_CHARACTERS, stripHidden } from "./text.ts";
