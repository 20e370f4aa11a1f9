import type { Path } from "../finding.ts";
import { labelOf } from "../shape/check.ts";
import type { Report } from "./rule.ts";
import { withoutTemplates } from "./template.ts";

/**
 * Checks an https URL: it can be parsed, carries no credential, and has templates only where they may be.
 * @param templates `none`; `account`: {{account.NAME}} in the host and nothing else; `any`: account in the host, any
 *   after it
 */
export function checkUrl(
  url: string,
  path: Path,
  templates: "none" | "account" | "any",
  report: Report,
): void {
  if (!url.startsWith("https://")) return;
  const label = labelOf(path);
  const { plain, found } = withoutTemplates(url);
  const hostEnd = hostEndOf(url);
  for (const template of found) {
    const inHost = template.start < hostEnd;
    const isAccount = /^\{\{\s*account\.[A-Za-z_][A-Za-z0-9_]*\s*\}\}$/.test(template.text);
    if (templates === "none" || (!isAccount && (inHost || templates === "account"))) {
      report(
        "manifest.account_template",
        path,
        `${label} may not hold the template ${template.text.slice(0, 60)}.`,
      );
      return;
    }
  }
  if (!URL.canParse(plain)) {
    report("manifest.bad_format", path, `${label} is not a URL.`, "Write a URL that starts with https://.");
    return;
  }
  const parsed = new URL(plain);
  if (parsed.username !== "" || parsed.password !== "") {
    report("manifest.secret_field", path, `${label} carries a user name or password.`);
  }
}

/** Where the host of an https URL ends; a template within it may hold any character. */
function hostEndOf(url: string): number {
  let offset = "https://".length;
  while (offset < url.length) {
    if (url.startsWith("{{", offset)) {
      const end = url.indexOf("}}", offset);
      if (end < 0) return url.length;
      offset = end + 2;
    } else if (/[/?#]/.test(url.charAt(offset))) return offset;
    else offset++;
  }
  return url.length;
}
