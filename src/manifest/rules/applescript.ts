import type { JsonObject } from "../../base/index.ts";
import { asText } from "../declared.ts";
import type { Path } from "../finding.ts";
import type { Report } from "./rule.ts";

/** What starts a shell, or turns text into code: by name, by its raw code, or through another application. */
const RUNS =
  /\b(?:do shell script|run script|load script|store script|do script|do javascript|use framework|current application|keystroke|key code)\b|«/i;

/** A place where a value of a call would be spliced into the script. `{{1, 2}, {3, 4}}` is a list of lists. */
const TEMPLATE = /\{\{-?\s*(?:params|account)\b/;

/**
 * A script is the same in every call, and starts no shell (law 7). Comments and line ends may stand between the words of a
 * command, so they are looked through; what stands within a text is refused too, as it might be run.
 */
export function checkScript(
  applescript: JsonObject,
  path: Path,
  steps: readonly string[],
  report: Report,
): void {
  const script = asText(applescript.script);
  if (script === null) return;
  const at = [...path, "script"];
  const names = steps.map((step) => `{{ ${step}.`);
  const spliced = script.replace(/\{\{-?\s*/g, "{{ ");
  if (TEMPLATE.test(script) || names.some((name) => spliced.includes(name))) {
    report("tool.applescript", at, "The script holds a template.");
  }
  const found = startsShell(script);
  if (found !== null) {
    const hint = "Leave it out, or write the work as rest, graphql, sql or a handler.";
    report("tool.applescript", at, `"${found}" can start a shell or run text as code.`, hint);
  }
}

/** What of a script can start a shell or run text as code, or null. */
export function startsShell(script: string): string | null {
  const [found] = [script, script.replace(COMMENT, " ")].flatMap(
    (text) => RUNS.exec(text.replace(/[\s¬]+/g, " ")) ?? [],
  );
  return found ?? null;
}

const COMMENT = /\(\*[\s\S]*?\*\)|(?:--|#)[^\r\n]*/g;
