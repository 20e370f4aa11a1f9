import { asList, asMap, asText } from "../declared.ts";
import { didYouMean, follow, labelOf, show } from "../shape/check.ts";
import { nameProblem } from "../source/name.ts";
import type { Report, Rule } from "./rule.ts";
import { checkUrl } from "./url.ts";

/** provider_slug is the folder's name. */
export const slugIsFolder: Rule = ({ slug, root }, report) => {
  const written = asText(root.provider_slug);
  if (written === null || written === slug) return;
  // What is no slug at all is the shape's business.
  const problem = nameProblem(written);
  if (problem !== null && problem.code !== "folder.reserved_name") return;
  const message = `provider_slug is ${show(written)}, but the folder is named ${show(slug)}.`;
  report("manifest.slug_mismatch", ["provider_slug"], message, `Write "${slug}", or rename the folder.`);
};

/** A sentence's end that is followed by another sentence; short words are taken for abbreviations. */
const SENTENCE_END = /(?:\p{L}{4}|[\p{L}\d)"'\]][!?])[.!?]*["')\]]?\s+(?=["'(]?\p{Lu})/u;

/** summary is one sentence. */
export const summaryIsOneSentence: Rule = ({ root }, report) => {
  const summary = asText(root.summary);
  if (summary === null) return;
  const end = /[.!?]/.test(summary) ? SENTENCE_END.exec(summary) : null;
  if (end !== null && /[.!?]/.test(end[0]))
    report("manifest.summary", ["summary"], "summary is more than one sentence.");
};

/** naming_rule gives a name of capitals, and holds each placeholder once. */
export const namingRuleGivesKeys: Rule = ({ root }, report) => {
  const rule = asText(root.naming_rule);
  if (rule === null || isNamingRule(rule)) return;
  report("manifest.naming_rule", ["naming_rule"], `${show(rule)} does not give a vault key name.`);
};

/** Whether a text is a rule that gives the names of vault keys. */
export function isNamingRule(rule: string): boolean {
  const parts = rule.trim().split(/(\{PLATFORM\}|\{KEY\})/);
  const literal = parts.filter((_, index) => index % 2 === 0).join("");
  const placeholders = parts.filter((_, index) => index % 2 === 1).sort();
  return /^[A-Z0-9_]*$/.test(literal) && placeholders.join("") === "{KEY}{PLATFORM}" && !/^[0-9_]/.test(rule);
}

/** An icon that is a file is in the folder. */
export const iconExists: Rule = ({ root, files }, report) => {
  const icon = asText(root.icon);
  if (icon === null || icon.includes(":") || !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(icon) || files.has(icon))
    return;
  report("manifest.icon_missing", ["icon"], `There is no file ${show(icon)} in the folder.`);
};

/** Every URL is one that can be called and carries no credential. */
export const urlsAreGood: Rule = (declared, report) => {
  const paths: (string | number)[][] = [["homepage"], ["docs_url"], ["base_url"]];
  asList(declared.root.scopes).forEach((_, index) => {
    paths.push(["scopes", index, "source"]);
  });
  const marketplace = asMap(declared.root.oauth_marketplace);
  asList(marketplace?.authorization_links).forEach((_, index) => {
    paths.push(["oauth_marketplace", "authorization_links", index]);
  });
  const auth = asMap(declared.root.auth);
  for (const key of ["authorization_url", "token_url", "refresh_url"]) {
    paths.push(auth !== null && Object.hasOwn(auth, "oauth2") ? ["auth", "oauth2", key] : ["auth", key]);
  }
  for (const path of paths) {
    const url = asText(follow(declared.root, path));
    if (url !== null)
      checkUrl(url, path, path[0] === "base_url" || path[0] === "auth" ? "account" : "none", report);
  }
};

/** An authorization code needs the page that gives it. */
export const oauthHasItsPage: Rule = ({ root }, report) => {
  const auth = asMap(root.auth);
  const nested = asMap(auth?.oauth2);
  const body = auth?.type === "oauth2" ? auth : nested;
  if (body === null || body.grant === "client_credentials" || Object.hasOwn(body, "authorization_url"))
    return;
  const path = nested === null ? ["auth"] : ["auth", "oauth2"];
  const message = `${labelOf([...path, "authorization_url"])} is missing.`;
  report("manifest.missing_key", path, message, "Add authorization_url: …, or grant: client_credentials.");
};

/** The scopes that are asked for are declared; a person reviews what stands under `scopes`. */
export const oauthScopesAreDeclared: Rule = ({ root }, report) => {
  const auth = asMap(root.auth);
  const nested = asMap(auth?.oauth2);
  const scopes = (nested ?? auth)?.scopes;
  const path = nested === null ? ["auth", "scopes"] : ["auth", "oauth2", "scopes"];
  const lists = Array.isArray(scopes)
    ? [{ at: path, names: scopes }]
    : Object.entries(asMap(scopes) ?? {}).map(([type, names]) => ({ at: [...path, type], names }));
  const known = asList(root.scopes).map((scope) => asText(asMap(scope)?.name)?.trim() ?? "");
  for (const { at, names } of lists) {
    asList(names).forEach((item, index) => {
      const name = asText(item)?.trim() ?? "";
      if (name === "" || known.includes(name)) return;
      const near = didYouMean(name, known);
      const hint = near === null ? undefined : `Did you mean ${near}?`;
      report("scope.undeclared", [...at, index], `The scope ${show(name)} is not declared.`, hint);
    });
  }
};

/** Reports the second and later of equal names in a list. */
export function reportDuplicates(
  names: readonly (string | null)[],
  pathOf: (index: number) => (string | number)[],
  code: Parameters<Report>[0],
  report: Report,
): void {
  const seen = new Set<string>();
  names.forEach((name, index) => {
    if (name === null) return;
    if (seen.has(name)) report(code, pathOf(index), `${show(name)} is there already.`);
    seen.add(name);
  });
}
