import { basename, extname } from "node:path";
import type { Problem } from "./finding.ts";
import { type Source, type SourceFile, yamlFiles } from "./source/folder.ts";

/**
 * A piece of text without which none of the preset's rules can match: one pass over a text tells whether the scanner
 * has to be loaded at all. `test/manifest/secrets.test.ts` feeds an example of every rule through it.
 */
const CANDIDATE = new RegExp(
  [
    "(?:A3T|AKIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ASIA)[A-Z0-9]{13}|(?:SECRET|secret|Secret)_?(?:ACCESS|access|Access)",
    "-----BEGIN|x-oauth-basic|_authToken=|npm_[A-Za-z0-9_]{36}|xox[abopr]-|xapp-|://[^\\s/@]{1,400}@",
    "[Hh][Oo][Oo][Kk][Ss]\\.[Ss][Ll][Aa][Cc][Kk]|sk-(?:proj|svcacct|admin|ant)-|T3BlbkFJ",
    "gsk_[a-zA-Z0-9]{52}|hf_[a-zA-Z]{34}|lin_api_|ntn_[0-9]{11}|SG\\.\\w{1,128}\\.\\w|shp(?:pa|ca|at|ss)_",
    "[rs]k_(?:live|test)_|gh[oprsu]_|github_pat_|glpat-|glc_[A-Za-z0-9+/]{32}|glsa_|ops_ey|hv[brs]\\.[A-Za-z0-9_-]{90}",
    "vc[aikpr]_[A-Za-z0-9]{20}|dapi[A-Fa-f0-9]{32}|dckr_pat_|figd_|cf(?:k|ut|at)_[A-Za-z0-9]{40}|tskey-",
  ].join("|"),
);

/** Reports key ids too; an account's id, which comes with them, is no secret and is left out again. */
const AWS = { enableIDScanRule: true };

/** Whether a text may hold what one of the scanner's rules looks for. */
export function mayHoldSecret(text: string): boolean {
  return CANDIDATE.test(text);
}

/** Where a text holds what looks like a secret, for those who write files that must hold none. */
export async function findSecrets(text: string): Promise<readonly Problem[]> {
  if (!mayHoldSecret(text)) return [];
  return (await scanSecrets([{ path: "text", bytes: Buffer.from(text) }])).get("text") ?? [];
}

/** The files of a folder that have to be scanned: text, with something in it that may be a secret. */
export function suspects(source: Source): SourceFile[] {
  const files = [...yamlFiles(source), ...source.others];
  // latin1 never fails and keeps ASCII as it is, which is what secrets are made of.
  return files.filter((file) => mayHoldSecret(file.bytes.toString("latin1")) && !isBinary(file.bytes));
}

/** As git tells it: a NUL near the start. */
function isBinary(bytes: Buffer): boolean {
  return bytes.subarray(0, 8000).includes(0);
}

/**
 * Scans files with secretlint's recommended rules and tells where a secret stands, by path, never the secret itself.
 * Comments that switch secretlint off are not obeyed: who writes a secret could write them too.
 */
export async function scanSecrets(files: readonly SourceFile[]): Promise<ReadonlyMap<string, Problem[]>> {
  const found = new Map<string, Problem[]>();
  if (files.length === 0) return found;
  const [{ lintSource }, { rules }] = await Promise.all([
    import("@secretlint/core"),
    import("@secretlint/secretlint-rule-preset-recommend"),
  ]);
  const config = {
    rules: rules
      .filter((rule) => rule.meta.id !== "@secretlint/secretlint-rule-filter-comments")
      .map((rule) => ({ id: rule.meta.id, rule, options: rule.meta.id.endsWith("-aws") ? AWS : {} })),
  };
  for (const file of files) {
    const content = file.bytes.toString("utf8");
    // Names like .npmrc and package.json switch rules on; .p12 would make one open the file again, by this name.
    const filePath = basename(file.path).replace(/\.p12$/, ".txt");
    const source = { content, contentType: "text" as const, ext: extname(filePath), filePath };
    const { messages } = await lintSource({ source, options: { config, noPhysicFilePath: true } });
    const secrets = messages.filter(({ messageId }) => messageId !== "AWSAccountID");
    const byStart = new Map(secrets.map((message) => [message.range[0], message]));
    const problems = [...byStart.values()].map(({ range: [start, end], ruleId }): Problem => {
      const kind = ruleId.replace(/^.*secretlint-rule-/, "");
      return { code: "file.secret", start, end, message: `This looks like a secret (${kind}).` };
    });
    if (problems.length > 0) found.set(file.path, problems);
  }
  return found;
}
