import { stripHidden } from "../base/index.ts";
import type { Manifest, Tool } from "../manifest/index.ts";
import { docsGate } from "./docs.ts";
import { failed, gate, listed, NOT_YET, passed, pending } from "./evidence.ts";
import { testsGate } from "./tests.ts";
import { reviewTier } from "./tier.ts";
import type { Certificate, Evidence, FolderFacts, Gate, Judged, Shown } from "./types.ts";

/** What only a call can show. */
const LATER = "to be seen when the connector is served";

/**
 * Judges a connector by the five gates of certification. Pure: the manifest and the facts of its folder give the same
 * certificate always. What only a running connector can show is `pending`.
 * @param manifest null where it is not valid; the first gate says why
 */
export function certify(manifest: Judged, facts: FolderFacts): Certificate {
  const gates = [
    contractGate(manifest, facts),
    safetyGate(manifest, facts),
    auditGate(manifest, facts.shown),
    docsGate(facts.readme),
    testsGate(manifest, facts.tests, facts.shown),
  ];
  return {
    ok: gates.every(({ status }) => status !== "failed"),
    reviewTier: manifest === null ? null : reviewTier(manifest),
    gates,
  };
}

const INVALID = pending("everything else", NOT_YET);

function contractGate(manifest: Judged, { diagnostics, shown }: FolderFacts): Gate {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const valid =
    errors.length === 0
      ? passed("check finds no error", listed([], "error"))
      : failed(
          "check finds no error",
          listed([...new Set(errors.map(({ code }) => code))], "kind of error", "kinds of error"),
          "Mend what `sentinel check` says.",
        );
  if (manifest === null) return gate("contract", [valid, INVALID]);
  const { tools } = manifest;
  return gate("contract", [
    valid,
    tools.length === 0
      ? failed("it can do something", "there is no tool", "Add tools to the manifest.")
      : all(
          "each tool says what it is good for",
          tools.filter((tool) => tool.capability === null),
          `${tools.length} with a capability`,
          "Give each a capability: noun.verb, such as order.read.",
        ),
    all(
      "each tool is described",
      tools.filter((tool) => tool.description === null),
      `${tools.length} with a description`,
      "Add a description: it is all that an agent knows of the tool.",
    ),
    all(
      "each tool says how it does its work",
      tools.filter((tool) => !hasExecutor(tool)),
      `${tools.length} with an executor`,
      "Add rest, graphql, sql, handler or steps.",
    ),
    ...healthEvidence(manifest, shown),
  ]);
}

function healthEvidence({ auth }: Manifest, shown: Shown | null): Evidence[] {
  const whoami =
    auth.whoami === null ? "without whoami, only whether credentials are there" : "whoami is asked";
  if (shown === null) return [pending("health", `${LATER}; ${whoami}`), pending("config show", LATER)];
  const { without, having } = shown.health;
  const needs = auth.type !== "none" && auth.type !== "local_path" && auth.type !== "keys";
  const found = `without credentials ${without}, with them ${having}; ${whoami}`;
  return [
    !needs || without === "needs_setup"
      ? passed("health", found)
      : failed("health", found, "Say under auth what the connector needs."),
    passed("config show", "it opens no vault, so no secret is in it"),
  ];
}

function hasExecutor({ rest, graphql, sql, applescript, handler, steps }: Tool): boolean {
  return [rest, graphql, sql, applescript, handler, steps].some((one) => one !== null);
}

/** Passed where there is none of the bad tools. */
function all(check: string, bad: readonly Tool[], found: string, hint: string): Evidence {
  if (bad.length === 0) return passed(check, found);
  return failed(check, `not so: ${listed(names(bad), "tool")}`, hint);
}

function names(tools: readonly Tool[]): string[] {
  return tools.map(({ name }) => stripHidden(name));
}

function safetyGate(manifest: Judged, { diagnostics, shown }: FolderFacts): Gate {
  if (manifest === null) return gate("safety", [INVALID]);
  const writes = manifest.tools.filter((tool) => tool.side_effecting);
  const destructive = writes.filter((tool) => tool.destructive);
  const unclear = diagnostics.filter(({ code }) => code === "tool.method");
  const check = "what changes something says so";
  return gate("safety", [
    unclear.length === 0
      ? passed(check, `${listed(names(writes), "write")}`)
      : failed(
          check,
          `${unclear.length} may change something and are not side_effecting (tool.method)`,
          "Add side_effecting: true, or a capability that reads, such as order.search.",
        ),
    ...destructiveEvidence(destructive, manifest),
    ...(writes.length === 0 ? [] : [modeEvidence(shown, writes)]),
  ]);
}

function modeEvidence(shown: Shown | null, writes: readonly Tool[]): Evidence {
  const check = "readonly refuses writes, write refuses what destroys";
  if (shown === null) return pending(check, LATER);
  const { letThrough } = shown;
  if (letThrough.length === 0) return passed(check, listed(names(writes), "write"));
  return failed(check, listed(letThrough, "tool"), "Say side_effecting and destructive of each.");
}

/** Firearms are the only gate, and they hang on scopes: whether one is required, a person decides. */
function destructiveEvidence(destructive: readonly Tool[], { scopes }: Manifest): Evidence[] {
  if (destructive.length === 0) return [passed("what destroys can be gated", "nothing destroys")];
  const proposed = new Set(scopes.filter((scope) => scope.requires_firearm).map(({ name }) => name));
  const bare = destructive.filter((tool) => tool.scopes.length === 0);
  const open = destructive.filter(
    (tool) => tool.scopes.length > 0 && !tool.scopes.some((scope) => proposed.has(scope)),
  );
  const check = "a firearm is required for what destroys";
  const gated = all(
    "what destroys can be gated",
    bare,
    listed(names(destructive), "tool"),
    "Name the scopes that it needs: a firearm is required for a scope.",
  );
  if (bare.length === destructive.length) return [gated];
  return [
    gated,
    open.length === 0
      ? passed(check, "each proposes one; a person decides")
      : pending(check, `a person decides with \`sentinel review firearms\`: ${listed(names(open), "tool")}`),
  ];
}

function auditGate(manifest: Judged, shown: Shown | null): Gate {
  if (manifest === null) return gate("audit", [INVALID]);
  const writes = manifest.tools.filter((tool) => tool.side_effecting);
  return gate("audit", [receiptEvidence(names(writes), shown), codeEvidence(shown)]);
}

function receiptEvidence(writes: readonly string[], shown: Shown | null): Evidence {
  const check = "each side effect leaves a receipt";
  if (writes.length === 0) return passed(check, "there is no side effect");
  if (shown === null) return pending(check, `${LATER}, by ${listed(writes, "tool")}`);
  const made = shown.cases.filter(({ tool, code }) => code === null && writes.includes(tool));
  const bare = made.filter(({ hasReceipt }) => !hasReceipt).map(({ name }) => name);
  if (bare.length > 0)
    return failed(check, `without one: ${listed(bare, "case")}`, "Report it: this is ours.");
  const tools = new Set(made.map(({ tool }) => tool));
  const unseen = writes.filter((name) => !tools.has(name));
  return unseen.length === 0
    ? passed(check, listed(writes, "tool"))
    : pending(check, `no case in which it goes through: ${listed(unseen, "tool")}`);
}

function codeEvidence(shown: Shown | null): Evidence {
  const check = "failures have codes";
  if (shown === null) return pending(check, LATER);
  const codes = [...new Set(shown.cases.flatMap(({ code }) => (code === null ? [] : [code])))].sort();
  return codes.length === 0 ? pending(check, "no case fails") : passed(check, listed(codes, "code"));
}
