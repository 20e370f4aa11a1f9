import type { Declared } from "../declared.ts";
import {
  iconExists,
  namingRuleGivesKeys,
  oauthHasItsPage,
  oauthScopesAreDeclared,
  slugIsFolder,
  summaryIsOneSentence,
  urlsAreGood,
} from "./identity.ts";
import {
  accountDefaultsAreAllowed,
  firearmTypeNeedsFirearm,
  namesAreUnique,
  toolsAreNotTooMany,
  utmVariablesAreAllowed,
} from "./lists.ts";
import type { Report, Rule } from "./rule.ts";
import {
  effectsAreHonest,
  handlersAreExported,
  namesHandler,
  schemasAreValid,
  toolScopesAreDeclared,
  toolsHaveOneExecutor,
  workIsWellFormed,
} from "./tools.ts";

export { namesHandler };

const RULES: readonly Rule[] = [
  slugIsFolder,
  summaryIsOneSentence,
  namingRuleGivesKeys,
  iconExists,
  urlsAreGood,
  oauthHasItsPage,
  oauthScopesAreDeclared,
  namesAreUnique,
  accountDefaultsAreAllowed,
  toolsAreNotTooMany,
  firearmTypeNeedsFirearm,
  utmVariablesAreAllowed,
  toolScopesAreDeclared,
  toolsHaveOneExecutor,
  effectsAreHonest,
  schemasAreValid,
  workIsWellFormed,
];

/**
 * Applies every rule within a connector.
 * @param service the text of service.ts, or null when there is none
 */
export function applyRules(declared: Declared, service: string | null): void {
  const report: Report = (code, path, message, hint, at = "value") => {
    declared.find({ code, path, message, hint, at }, "rules");
  };
  declared.findDuplicateSchemas();
  for (const rule of [...RULES, handlersAreExported(service)]) rule(declared, report);
}
