import { stripHidden } from "../base/index.ts";
import { type Manifest, modeOf, type TestCase, type Tool } from "../manifest/index.ts";
import { failed, gate, listed, NOT_YET, passed, pending } from "./evidence.ts";
import type { Evidence, FolderFacts, Gate, Judged, Shown } from "./types.ts";

/** tests.yaml has cases for what every connector must do, and they end as they say. */
export function testsGate(manifest: Judged, found: FolderFacts["tests"], shown: Shown | null): Gate {
  if (found === null) {
    const hint = "Write a tests.yaml with cases for each tool: see docs/manifest.md.";
    return gate("tests", [failed("there is a tests.yaml", "there is none", hint)]);
  }
  const { tests, diagnostics } = found;
  const sound = "its cases are sound";
  if (diagnostics.length > 0) {
    const codes = listed(
      [...new Set(diagnostics.map(({ code }) => code))],
      "kind of error",
      "kinds of error",
    );
    return gate("tests", [failed(sound, codes, "Mend what is said of tests.yaml.")]);
  }
  if (manifest === null || tests === null) return gate("tests", [pending(sound, NOT_YET)]);
  const { cases } = tests;
  return gate("tests", [
    passed(sound, `${cases.length} ${cases.length === 1 ? "case" : "cases"}`),
    missingCredentials(cases, manifest),
    ...coverage(cases, manifest),
    outcome(shown),
  ]);
}

function outcome(shown: Shown | null): Evidence {
  const check = "all cases pass";
  if (shown === null) return pending(check, "to be run");
  const wrong = shown.cases.flatMap((one) =>
    one.wrong === null ? [] : [`${stripHidden(one.name)} (${stripHidden(one.wrong).slice(0, 200)})`],
  );
  if (wrong.length === 0) return passed(check, `${shown.cases.length} of ${shown.cases.length}`);
  return failed(check, listed(wrong, "case"), "Mend the tool, or what the case expects.");
}

function missingCredentials(cases: readonly TestCase[], { auth }: Manifest): Evidence {
  const check = "missing credentials give needs_setup";
  if (auth.type === "none") return passed(check, "no credential is needed");
  const found = cases.filter(({ expect }) => expect.error === "needs_setup");
  if (found.length > 0) return passed(check, listed(unique(found), "case"));
  const hint = "Add a case with credentials: missing and expect: {error: needs_setup}.";
  return failed(check, "no case", hint);
}

function coverage(cases: readonly TestCase[], { tools }: Manifest): Evidence[] {
  const answered = new Set(cases.filter(({ expect }) => expect.output !== undefined).map(({ tool }) => tool));
  const refused = new Set(
    cases
      .filter(({ expect, mode }) => mode === "readonly" && expect.error === "mode_refused")
      .map(({ tool }) => tool),
  );
  const reads = tools.filter((tool) => modeOf(tool) === "readonly");
  const writes = tools.filter((tool) => modeOf(tool) !== "readonly");
  return [
    covered(
      "each read has a case with a recorded response",
      reads,
      answered,
      "Add a case with responses and expect: {output: …} for each.",
    ),
    covered(
      "each write has a case that readonly refuses",
      writes,
      refused,
      "Add a case with mode: readonly and expect: {error: mode_refused} for each.",
    ),
  ];
}

function covered(check: string, tools: readonly Tool[], having: ReadonlySet<string>, hint: string): Evidence {
  const bare = tools.filter(({ name }) => !having.has(name)).map(({ name }) => name);
  if (bare.length > 0) return failed(check, `without one: ${listed(bare, "tool")}`, hint);
  return passed(check, `${tools.length} of ${tools.length}`);
}

function unique(cases: readonly TestCase[]): string[] {
  return [...new Set(cases.map(({ name }) => name))];
}
